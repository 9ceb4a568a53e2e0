# Data and answers of R's survival, cmprsk and MASS: writes regression_people.csv, regression_spells.csv (survival::bladder2),
# regression_moves.csv and regression_answers.csv beside it. Rscript regression_cases.R FOLDER
# (R 4.2.2, survival 3.5-3, cmprsk 2.2-11, MASS 7.3-58)
suppressMessages({library(survival); library(cmprsk); library(MASS)})
folder <- commandArgs(trailingOnly = TRUE)[1]
out <- NULL
keep <- function(kind, ...) {
  values <- list(...)
  for (name in names(values)) {
    v <- as.numeric(values[[name]])
    out <<- rbind(out, data.frame(kind = kind, name = name, place = seq_along(v) - 1, value = v))
  }
}
store <- function(d, name) write.csv(d, file.path(folder, name), row.names = FALSE, quote = FALSE)
set.seed(20201231)
exact <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 100)
cox <- function(kind, fit) keep(kind, coef = coef(fit), se = sqrt(diag(if (is.null(fit$naive.var)) fit$var else fit$naive.var)), robust = sqrt(diag(fit$var)))

# 240 people in 80 cases, with ties, late entry, two competing events, weights and strata
n <- 240
d <- data.frame(entry = sample(0:6, n, TRUE), x = round(rnorm(n), 3), g = rbinom(n, 1, 0.4), stratum = sample(0:2, n, TRUE), case = rep(1:80, each = 3))
d$time <- d$entry + 1 + floor(rexp(n, 0.06 * exp(0.4 * d$x - 0.5 * d$g)))
d$event <- ifelse(d$time > 30, 0, sample(0:2, n, TRUE, c(0.3, 0.45, 0.25)))
d$time <- pmin(d$time, 31)
d$weight <- 0.5 + round(runif(n), 2)
d$times <- sample(1:4, n, TRUE)
store(d, "regression_people.csv")
d$one <- as.numeric(d$event == 1)
d$id <- seq_len(n)
cox("weights", coxph(Surv(time, one) ~ x + g, d, weights = weight, control = exact))
cox("weights_case", coxph(Surv(time, one) ~ x + g, d, weights = weight, cluster = case, control = exact))
cox("times_efron", coxph(Surv(time, one) ~ x + g, d, weights = times, control = exact))
cox("times_breslow", coxph(Surv(time, one) ~ x + g, d, weights = times, ties = "breslow", control = exact))
cox("strata_entry", coxph(Surv(entry, time, one) ~ x + g + strata(stratum), d, weights = weight, cluster = case, control = exact))
for (transform in c("identity", "km", "rank", "log")) {
  keep(paste0("zph_", transform), stat = cox.zph(coxph(Surv(time, one) ~ x + g, d, control = exact), transform = transform)$table[, "chisq"])
  keep(paste0("zph_strata_", transform), stat = cox.zph(coxph(Surv(time, one) ~ x + g + strata(stratum), d, control = exact), transform = transform)$table[, "chisq"])
}
for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(entry, time, one) ~ x + g, d, ties = ties, control = exact)
  s <- survfit(fit, newdata = data.frame(x = 0.5, g = 1))
  at <- s$n.event > 0
  keep(paste0("curve_", ties), time = s$time[at], cumhaz = s$cumhaz[at], se = s$std.err[at], lower = s$lower[at], upper = s$upper[at])
}
fit <- coxph(Surv(time, one) ~ factor(stratum), d, cluster = case, ties = "breslow", control = exact)
keep("robust_log_rank", stat = fit$rscore)
f <- crr(d$time, d$event, d[, c("x", "g")], gtol = 1e-12, maxiter = 50)
keep("crr", coef = f$coef, robust = sqrt(diag(f$var)), se = sqrt(diag(solve(f$inf))))
d$state <- factor(d$event, 0:2)
long <- finegray(Surv(time, state) ~ ., data = d, etype = "1")
cox("finegray", coxph(Surv(fgstart, fgstop, fgstatus) ~ x + g, long, weights = fgwt, cluster = id, control = exact))
cox("finegray_case", coxph(Surv(fgstart, fgstop, fgstatus) ~ x + g, long, weights = fgwt, cluster = case, control = exact))
km <- survfit(Surv(time, one) ~ 1, d)
p <- pseudo(km, times = 20, type = "rmst")
keep("mean", value = summary(km, rmean = 20)$table["rmean"], se = sqrt(sum(rowsum(residuals(km, times = 20, type = "rmst"), d$case)^2)))

# Recurrent events: 85 people with bladder tumours (Byar 1980)
b <- bladder2
store(b[, c("id", "rx", "number", "size", "start", "stop", "event", "enum")], "regression_spells.csv")
for (ties in c("efron", "breslow")) {
  cox(paste0("ag_", ties), coxph(Surv(start, stop, event) ~ rx + number + size, b, cluster = id, ties = ties, control = exact))
  cox(paste0("pwp_total_", ties), coxph(Surv(start, stop, event) ~ rx + number + size + strata(enum), b, cluster = id, ties = ties, control = exact))
  cox(paste0("pwp_gap_", ties), coxph(Surv(stop - start, event) ~ rx + number + size + strata(enum), b, cluster = id, ties = ties, control = exact))
}
cox("wlw", coxph(Surv(stop, event) ~ rx + number + size + strata(enum), bladder, cluster = id, control = exact))
s <- survfit(Surv(start, stop, event) ~ 1, b, id = id)
at <- s$n.event > 0
keep("mean_cumulative", time = s$time[at], value = s$cumhaz[at], se = s$std.chaz[at])
people <- do.call(rbind, lapply(split(b, b$id), function(p) data.frame(rx = p$rx[1], size = p$size[1], n = sum(p$event), years = max(p$stop) / 12)))
people <- people[people$years > 0, ]
f <- glm.nb(n ~ rx + size + offset(log(years)), people, control = glm.control(epsilon = 1e-14, maxit = 200))
keep("negative_binomial", coef = coef(f), se = sqrt(diag(vcov(f))), dispersion = 1 / f$theta)

# 120 people who move between four states, in 40 cases; two of three begin in view
moves <- NULL
for (i in 1:120) {
  now <- if (i %% 3) "view" else "aid"; since <- 0
  repeat {
    until <- since + 1 + floor(rexp(1, 0.1))
    to <- if (until > 40) "" else sample(setdiff(c("view", "aid", "again", "left"), now), 1, prob = c(0.3, 0.4, 0.3))
    moves <- rbind(moves, data.frame(person = i, case = (i + 2) %/% 3, start = since, stop = min(until, 40), state = now, to_state = to))
    if (to == "" || to == "left") break
    now <- to; since <- until
  }
}
moves <- moves[moves$start < moves$stop, ]
store(moves, "regression_moves.csv")
states <- c("view", "aid", "again", "left")
moves$to <- factor(ifelse(moves$to_state == "", "none", moves$to_state), c("none", states))
moves$from <- factor(moves$state, states)
s <- survfit(Surv(start, stop, to) ~ 1, moves, id = person, istate = from, influence = 1)
places <- sapply(c(5, 12, 30), function(t) max(which(s$time <= t)))
for (k in seq_along(places)) {
  column <- match(states, s$states)
  keep(paste0("states_", c(5, 12, 30)[k]), probability = s$pstate[places[k], column], se = s$std.err[places[k], column])
}
# E-values (VanderWeele and Ding 2017) are in the paper; p.adjust
p <- c(0.01, 0.04, 0.03, 0.005, 0.2, 0.04)
keep("adjust", holm = p.adjust(p, "holm"), bonferroni = p.adjust(p, "bonferroni"), benjamini_hochberg = p.adjust(p, "BH"))
# Frailties: at a given variance, and at the one that R finds when it is made to look long
for (ties in c("efron", "breslow")) for (theta in c(0.1, 1)) {
  fit <- coxph(Surv(entry, time, one) ~ x + g + frailty(case, theta = theta), d, ties = ties, control = exact)
  keep(paste0("frailty_", ties, "_", theta), coef = coef(fit), se = sqrt(diag(fit$var)), likelihood = fit$history[[1]]$c.loglik)
}
long <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 100, outer.max = 100)
fit <- coxph(Surv(time, status) ~ age + sex + frailty(id, eps = 1e-11), kidney, control = long)
keep("frailty_kidney", coef = coef(fit), se = sqrt(diag(fit$var)), theta = fit$history[[1]]$theta, likelihood = fit$history[[1]]$c.loglik)
store(kidney[, c("id", "time", "status", "age", "sex")], "regression_kidney.csv")
out$value <- signif(out$value, 15)
store(out, "regression_answers.csv")
