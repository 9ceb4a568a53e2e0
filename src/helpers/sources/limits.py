"""How much a file may ask of the machine. Each limit lies far above what a register holds, and far
below what a made-up or damaged file can claim."""

# A word of a register, an identifier or a list of codes joined by "|".
LONGEST_CELL = 1_000
MOST_CODES_A_CELL = 40
# The rows above the data, names of columns among them.
LARGEST_HEADER = 1 << 20
MOST_COLUMNS = 5_000
# extract.yml, and how deep its entries may lie in each other.
LARGEST_MAPPING = 1 << 18
DEEPEST_ENTRY = 8
# captures.csv, one row a victim and list.
LARGEST_CAPTURES = 64 << 20
# What a workbook may unpack to, all of it and what is no sheet (its texts are held in memory).
LARGEST_WORKBOOK = 4 << 30
LARGEST_PART = 512 << 20
MOST_PARTS = 2_000
MOST_SHEET_ROWS = 1_048_576
MOST_SHEET_COLUMNS = 16_384
# What a row group of a Parquet file, or a piece of an SPSS file, may unpack to.
LARGEST_GROUP = 4 << 30
LARGEST_PIECE = 256 << 20
# A report that is read by eye.
MOST_PROBLEMS = 200
MOST_CODES = 50
MOST_NAMES = 20
MOST_YEARS = 3
