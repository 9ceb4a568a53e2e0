"""Imported by the process that builds the site before there is something to build: what Jupyter
Book would read anew in each language."""

from importlib import import_module

for _name in (
    "helpers.site.build",
    "jupyter_book.sphinx",
    "myst_nb.sphinx_",
    "sphinx.builders.html",
    "sphinx_book_theme",
    "sphinxcontrib.bibtex",
):
    import_module(_name)
