# Answers of R's survival and cmprsk for the data in survival_cases.csv: writes survival_answers.csv beside it.
# Rscript survival_cases.R survival_cases.csv survival_answers.csv (R 4.2.2, survival 3.5-3, cmprsk 2.2-11)
library(survival)
library(cmprsk)
arguments <- commandArgs(trailingOnly = TRUE)
rows <- read.csv(arguments[1])
out <- NULL
keep <- function(case, kind, ...) {
  values <- list(...)
  for (name in names(values)) {
    v <- as.numeric(values[[name]])
    if (length(v)) out <<- rbind(out, data.frame(case = case, kind = kind, name = name, place = seq_along(v) - 1, value = v))
  }
}
curve <- function(fit) { s <- summary(fit, times = unique(fit$time[fit$n.event > 0])); s }
tolerance <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 100)
for (case in sort(unique(rows$case))) {
  d <- rows[rows$case == case & rows$kind == "data", ]
  get <- function(name) { part <- d[d$name == name, ]; part$value[order(part$place)] }
  time <- get("time"); event <- get("event"); group <- get("group"); entry <- get("entry")
  place <- seq_along(time) - 1
  weight <- 1 + (place %% 3) / 2
  cluster <- place %/% 2
  stratum <- place %% 2
  x <- (place * 7) %% 11 / 10
  g <- as.numeric(group == max(group))
  id <- place
  one <- as.numeric(event == 1)
  # Kaplan-Meier: case weights, Greenwood; infinitesimal jackknife by person and by cluster; with late entry too
  s <- curve(survfit(Surv(time, one) ~ 1, weights = weight, robust = FALSE, conf.type = "log-log"))
  keep(case, "km_weights", time = s$time, n.risk = s$n.risk, surv = s$surv, std.err = s$std.err, lower = s$lower, upper = s$upper)
  s <- curve(survfit(Surv(entry, time, one) ~ 1, weights = weight, robust = FALSE, conf.type = "log-log"))
  keep(case, "km_entry_weights", time = s$time, n.risk = s$n.risk, surv = s$surv, std.err = s$std.err, lower = s$lower, upper = s$upper)
  s <- curve(survfit(Surv(time, one) ~ 1, weights = weight, cluster = cluster, robust = TRUE))
  keep(case, "km_robust", time = s$time, surv = s$surv, std.err = s$std.err)
  s <- curve(survfit(Surv(entry, time, one) ~ 1, weights = weight, cluster = cluster, robust = TRUE))
  keep(case, "km_entry_robust", time = s$time, surv = s$surv, std.err = s$std.err)
  # Aalen-Johansen: with late entry, with weights, with clusters
  state <- factor(event, 0:2)
  if (all(0:2 %in% event)) {
    s <- summary(survfit(Surv(entry, time, state) ~ 1, id = id))
    keep(case, "aj_entry", time = s$time, cause1 = s$pstate[, 2], cause2 = s$pstate[, 3], std1 = s$std.err[, 2], std2 = s$std.err[, 3])
    for (kind in c("aj_robust", "aj_entry_robust")) {
      y <- if (kind == "aj_robust") Surv(time, state) else Surv(entry, time, state)
      fit <- survfit(y ~ 1, weights = weight, id = id, influence = 1)
      # survfit of several states takes no notice of cluster: the weighted influence is summed by hand. It begins at time 0.
      influence <- fit$influence.pstate * weight
      at <- fit$n.event[, 2] + fit$n.event[, 3] > 0
      std <- sapply(2:3, function(k) sqrt(colSums(rowsum(influence[, -1, k], cluster)^2)))[at, , drop = FALSE]
      alone <- sapply(2:3, function(k) sqrt(colSums(influence[, -1, k]^2)))
      stopifnot(all.equal(alone, unname(fit$std.err[, 2:3])))
      keep(case, kind, time = fit$time[at], cause1 = fit$pstate[at, 2], cause2 = fit$pstate[at, 3], std1 = std[, 1], std2 = std[, 2])
    }
    test <- cuminc(time, event, group, cencode = 0)$Tests
    keep(case, "gray", stat1 = test["1", "stat"], p1 = test["1", "pv"], df1 = test["1", "df"], stat2 = test["2", "stat"])
  }
  # What is read from a curve
  fit <- survfit(Surv(time, one) ~ 1, conf.type = "log-log")
  until <- quantile(time, 0.8, type = 1)
  mean <- summary(fit, rmean = until)$table
  q <- quantile(fit, c(0.25, 0.5))
  keep(case, "read", until = until, rmean = mean["rmean"], se = mean["se(rmean)"], quantile = q$quantile, lower = q$lower, upper = q$upper)
  test <- survdiff(Surv(time, one) ~ group + strata(stratum))
  keep(case, "log_rank_strata", chisq = test$chisq, df = sum(rowSums(test$exp) > 0) - 1)
  # Cox, Efron's ties: model-based, by cluster, with late entry; Grambsch and Therneau's score test, g(t) = t
  for (kind in c("cox", "cox_entry")) {
    y <- if (kind == "cox") Surv(time, one) else Surv(entry, time, one)
    fit <- tryCatch(coxph(y ~ x + g, control = tolerance), warning = function(w) NULL)
    if (is.null(fit)) next
    robust <- coxph(y ~ x + g, cluster = cluster, control = tolerance)
    zph <- cox.zph(fit, transform = "identity")
    keep(case, kind, coef = coef(fit), se = sqrt(diag(vcov(fit))), robust = sqrt(diag(vcov(robust))), zph = zph$table[, "chisq"])
  }
  # A covariate that changes halfway: two rows a person
  half <- floor(time / 2)
  ok <- half > 0
  long <- rbind(data.frame(id = id, start = ifelse(ok, 0, -1), stop = ifelse(ok, half, time), event = ifelse(ok, 0, one), late = 0, x = x, cluster = cluster),
                data.frame(id = id, start = half, stop = time, event = one, late = 1, x = x, cluster = cluster)[ok, ])
  fit <- tryCatch(coxph(Surv(start, stop, event) ~ x + I(late * x), data = long, control = tolerance), warning = function(w) NULL)
  if (!is.null(fit)) {
    robust <- coxph(Surv(start, stop, event) ~ x + I(late * x), data = long, cluster = cluster, control = tolerance)
    keep(case, "cox_time_dependent", coef = coef(fit), se = sqrt(diag(vcov(fit))), robust = sqrt(diag(vcov(robust))))
  }
}
out$value <- signif(out$value, 15)
write.csv(out[!is.na(out$value), ], arguments[2], row.names = FALSE, quote = FALSE)
