# Data sets of R's survival and what R answers to the calls below: writes r_data_*.csv, r_cases.csv (a row a case) and
# r_answers.csv beside it. Rscript r_cases.R FOLDER (R 4.2.2, survival 3.5-3, cmprsk 2.2-11, MASS 7.3-58)
suppressMessages({library(survival); library(cmprsk); library(MASS)})
folder <- commandArgs(trailingOnly = TRUE)[1]
answers <- NULL; cases <- NULL
# `how` is "closed" (equal to 1e-8) or "iterative" (to 1e-6); `call` is what is asked; `what` a list of numbers.
case <- function(name, how, what) {
  asked <- paste(trimws(deparse(substitute(what), width.cutoff = 500)), collapse = " ")
  cases <<- rbind(cases, data.frame(case = name, how = how, numbers = sum(lengths(what)), call = asked))
  for (column in names(what)) {
    v <- as.numeric(what[[column]])
    answers <<- rbind(answers, data.frame(case = name, name = column, place = seq_along(v) - 1, value = v))
  }
}
store <- function(d, name) write.csv(d, file.path(folder, paste0("r_", name, ".csv")), row.names = FALSE, quote = name == "cases")
exact <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 100, outer.max = 100)
cox <- function(...) {
  f <- eval(substitute(coxph(..., control = exact)), parent.frame())
  list(coef = coef(f), se = sqrt(diag(if (is.null(f$naive.var)) f$var else f$naive.var)), robust = sqrt(diag(f$var)))
}
km <- function(..., times) {
  s <- summary(eval(substitute(survfit(..., conf.type = "log-log")), parent.frame()), times = times)
  list(risk = s$n.risk, surv = s$surv, se = s$std.err, lower = s$lower, upper = s$upper)
}
robust <- function(..., times) { s <- summary(eval(substitute(survfit(..., robust = TRUE)), parent.frame()), times = times); list(surv = s$surv, se = s$std.err) }
aj <- function(fit, times, states) { s <- summary(fit, times = times); k <- match(states, fit$states); list(p = c(s$pstate[, k]), se = c(s$std.err[, k])) }
# Errors by cluster of several states: survfit takes no notice of cluster there, so its influence is summed by hand.
aj_cluster <- function(fit, times, states, cluster, weight = 1) {
  at <- sapply(times, function(t) max(which(fit$time <= t))); k <- match(states, fit$states)
  se <- sapply(k, function(j) sapply(at, function(i) sqrt(sum(rowsum(fit$influence.pstate[, i + 1, j] * weight, cluster)^2))))
  list(p = c(fit$pstate[at, k]), se = c(se))
}
zph <- function(fit, transform) list(stat = cox.zph(fit, transform = transform)$table[, "chisq"])
predicted <- function(fit, newdata, times) { s <- summary(survfit(fit, newdata = newdata), times = times); list(cumhaz = c(s$cumhaz), surv = c(s$surv), lower = c(s$lower), upper = c(s$upper)) }
crisk <- function(time, event, x, cause = 1) { f <- crr(time, event, x, failcode = cause, cencode = 0, gtol = 1e-12, maxiter = 50); list(coef = f$coef, robust = sqrt(diag(f$var)), se = sqrt(diag(solve(f$inf)))) }
shared <- function(..., theta = FALSE) {
  f <- eval(substitute(coxph(..., control = exact)), parent.frame()); h <- f$history[[1]]
  out <- list(coef = coef(f), se = sqrt(diag(f$var)))
  if (theta) out$theta <- if (is.null(h$history)) h$theta else h$history[nrow(h$history), 1]
  out
}
numbered <- function(d, id, event) ave(d[[event]], d[[id]], FUN = cumsum) - d[[event]] + 1
# The infinitesimal jackknife of any estimate by case weights, by differences: `estimate` takes weights
jackknife <- function(estimate, n, cluster) {
  h <- 1e-5
  moves <- sapply(seq_len(n), function(i) { w <- rep(1, n); w[i] <- 1 + h; up <- estimate(w); w[i] <- 1 - h; (up - estimate(w)) / (2 * h) })
  moves <- matrix(moves, ncol = n)
  sqrt(rowSums(t(rowsum(t(moves), cluster))^2))
}

veteran$small <- as.numeric(veteran$celltype == "smallcell")
lung2 <- lung[complete.cases(lung[, c("inst", "ph.ecog")]), c("inst", "time", "status", "age", "sex", "ph.ecog")]
names(lung2)[6] <- "ecog"; lung2$died <- as.numeric(lung2$status == 2)
rats2 <- rats; rats2$female <- as.numeric(rats$sex == "f"); rats2$sex <- NULL
heart2 <- heart[, c("id", "start", "stop", "event", "age", "year", "surgery")]; heart2$transplant <- as.numeric(heart$transplant == "1")
chronic <- data.frame(id = cgd$id, center = as.numeric(cgd$center), rifn = as.numeric(cgd$treat != "placebo"), age = cgd$age, steroids = cgd$steroids, tstart = cgd$tstart, tstop = cgd$tstop, status = cgd$status)
mg <- mgus2[1:600, c("id", "age", "sex", "dxyr", "ptime", "pstat", "futime", "death")]
mg$male <- as.numeric(mg$sex == "M"); mg$sex <- NULL
mg$time <- ifelse(mg$pstat == 1, mg$ptime, mg$futime); mg$event <- ifelse(mg$pstat == 1, 1, 2 * mg$death)
mg$state <- factor(mg$event, 0:2); mg$weight <- 0.5 + (mg$id %% 5) / 4; mg$old <- as.numeric(mg$age > 72)
tp <- transplant[transplant$futime > 0, ]; tp <- data.frame(id = seq_len(nrow(tp)), time = tp$futime, event = as.numeric(tp$event) - 1, blood = as.numeric(tp$abo), year = tp$year)[seq(1, nrow(tp), 2), ]
tp$state <- factor(tp$event, 0:3)
for (name in c("aml", "ovarian", "veteran")) store(get(name), paste0("data_", name))
store(lung2, "data_lung"); store(rats2, "data_rats"); store(heart2, "data_heart"); store(chronic, "data_cgd")
store(mg[, names(mg) != "state"], "data_mgus2"); store(tp[, names(tp) != "state"], "data_transplant")

# Curves
a <- seq(10, 45, 5); l <- seq(50, 800, 50); v <- c(10, 25, 50, 100, 150, 200, 300, 400)
case("km_aml_maintained", "closed", km(Surv(time, status) ~ 1, data = aml[aml$x == "Maintained", ], times = a))
case("km_aml_others", "closed", km(Surv(time, status) ~ 1, data = aml[aml$x != "Maintained", ], times = a))
case("km_ovarian", "closed", km(Surv(futime, fustat) ~ 1, data = ovarian, times = c(100, 300, 400, 500)))
case("km_lung", "closed", km(Surv(time, died) ~ 1, data = lung2, times = l))
case("km_entry", "closed", km(Surv(start, stop, event) ~ 1, data = heart2, times = c(20, 60, 120, 300, 600, 900)))
case("km_weights", "closed", km(Surv(time, status) ~ 1, data = veteran, weights = karno / 50, robust = FALSE, times = v))
case("km_age_scale", "closed", km(Surv(age, age + futime / 12, death) ~ 1, data = mg, times = c(60, 70, 80, 90)))
case("km_cluster", "closed", robust(Surv(time, status) ~ 1, data = rats2, cluster = litter, times = seq(50, 100, 10)))
case("km_weights_cluster", "closed", robust(Surv(time, died) ~ 1, data = lung2, weights = age / 60, cluster = inst, times = l))
case("km_entry_cluster", "closed", robust(Surv(start, stop, event) ~ 1, data = heart2, cluster = id, times = c(20, 60, 120, 300, 600)))
quantiles <- function(fit, shares) { q <- quantile(fit, shares); list(quantile = q$quantile, lower = q$lower, upper = q$upper) }
case("quantile_lung", "closed", quantiles(survfit(Surv(time, died) ~ 1, lung2, conf.type = "log-log"), c(0.25, 0.5, 0.75)))
case("quantile_aml", "closed", quantiles(survfit(Surv(time, status) ~ 1, aml, conf.type = "log-log"), c(0.1, 0.25, 0.5)))
case("quantile_veteran", "closed", quantiles(survfit(Surv(time, status) ~ 1, veteran, conf.type = "log-log"), c(0.25, 0.5, 0.75, 0.9)))
means <- function(fit, until) { s <- summary(fit, rmean = until)$table; list(value = s["rmean"], se = s["se(rmean)"]) }
case("mean_veteran", "closed", means(survfit(Surv(time, status) ~ 1, veteran), 200))
case("mean_ovarian", "closed", means(survfit(Surv(futime, fustat) ~ 1, ovarian), 700))
case("mean_cluster", "closed", list(value = means(survfit(Surv(time, died) ~ 1, lung2), 500)$value, se = sqrt(sum(rowsum(residuals(survfit(Surv(time, died) ~ 1, lung2), times = 500, type = "rmst"), lung2$inst)^2))))
# Competing risks
m <- c(12, 60, 120, 180, 240)
case("aj_mgus2", "closed", aj(survfit(Surv(time, state) ~ 1, mg, id = id), m, c("1", "2")))
case("aj_women", "closed", aj(survfit(Surv(time, state) ~ 1, mg[mg$male == 0, ], id = id), m, c("1", "2")))
case("aj_three_causes", "closed", aj(survfit(Surv(time, state) ~ 1, tp, id = id), c(30, 100, 300, 700, 1200), c("1", "2", "3")))
case("aj_weights", "closed", aj(survfit(Surv(time, state) ~ 1, mg, id = id, weights = weight), m, c("1", "2")))
case("aj_cluster", "closed", aj_cluster(survfit(Surv(time, state) ~ 1, mg, id = id, influence = 1), m, c("1", "2"), mg$dxyr))
case("aj_weights_cluster", "closed", aj_cluster(survfit(Surv(time, state) ~ 1, mg, id = id, weights = weight, influence = 1), m, c("1", "2"), mg$dxyr, mg$weight))
case("aj_age_scale", "closed", aj(survfit(Surv(age, age + time / 12, state) ~ 1, mg[mg$time > 0, ], id = id), c(60, 70, 80, 90), c("1", "2")))
case("cuminc", "closed", list(p = c(t(timepoints(cuminc(mg$time, mg$event), m)$est))))
# Tests
differ <- function(...) { s <- eval(substitute(survdiff(...)), parent.frame()); list(stat = s$chisq) }
case("log_rank_aml", "closed", differ(Surv(time, status) ~ x, aml))
case("log_rank_lung", "closed", differ(Surv(time, died) ~ sex, lung2))
case("log_rank_cells", "closed", differ(Surv(time, status) ~ celltype, veteran))
case("log_rank_strata", "closed", differ(Surv(time, status) ~ trt + strata(celltype), veteran))
case("log_rank_many_strata", "closed", differ(Surv(time, status) ~ rx + strata(litter), rats2))
case("log_rank_cluster", "closed", list(stat = coxph(Surv(time, died) ~ factor(ecog), lung2[lung2$ecog < 3, ], cluster = inst, ties = "breslow", control = exact)$rscore))
case("gray_sex", "closed", list(stat = cuminc(mg$time, mg$event, mg$male)$Tests[, "stat"]))
case("gray_decades", "closed", list(stat = cuminc(mg$time, mg$event, mg$dxyr %/% 10)$Tests[, "stat"]))
case("gray_three_causes", "closed", list(stat = cuminc(tp$time, tp$event, tp$blood)$Tests[, "stat"]))
# Cox
case("cox_lung", "iterative", cox(Surv(time, died) ~ age + sex + ecog, lung2))
case("cox_breslow", "iterative", cox(Surv(time, died) ~ age + sex + ecog, lung2, ties = "breslow"))
case("cox_strata", "iterative", cox(Surv(time, status) ~ trt + karno + age + strata(celltype), veteran))
case("cox_cluster", "iterative", cox(Surv(time, status) ~ rx + female, rats2, cluster = litter))
case("cox_weights", "iterative", cox(Surv(time, status) ~ trt + karno, veteran, weights = age / 50))
case("cox_weights_cluster", "iterative", cox(Surv(time, died) ~ age + sex, lung2, weights = ecog + 0.5, cluster = inst))
case("cox_whole_weights", "iterative", cox(Surv(time, status) ~ trt + karno, veteran, weights = diagtime))
case("cox_heart", "iterative", cox(Surv(start, stop, event) ~ age + year + surgery + transplant, heart2))
case("cox_heart_breslow", "iterative", cox(Surv(start, stop, event) ~ age + transplant, heart2, ties = "breslow", cluster = id))
case("cox_heart_strata", "iterative", cox(Surv(start, stop, event) ~ age + year + transplant + strata(surgery), heart2, cluster = id))
case("cox_tt", "iterative", { f <- coxph(Surv(time, status) ~ karno + tt(karno), veteran, tt = function(x, t, ...) x * log(t + 20), ties = "breslow", control = exact); list(coef = coef(f), se = sqrt(diag(f$var))) })
case("cox_calendar_year", "iterative", cox(Surv(futime, death) ~ dxyr + age + male, mg, cluster = dxyr))
case("cox_age_scale", "iterative", cox(Surv(age, age + futime / 12, death) ~ male + dxyr, mg))
case("cox_interaction", "iterative", cox(Surv(time, status) ~ trt * prior + karno, veteran))
vet <- coxph(Surv(time, status) ~ trt + karno + age, veteran, control = exact)
for (transform in c("km", "rank", "log", "identity")) eval(substitute(case(paste0("zph_", t), "iterative", zph(vet, t)), list(t = transform)))
case("zph_strata", "iterative", zph(coxph(Surv(time, status) ~ trt + karno + strata(celltype), veteran, control = exact), "km"))
case("zph_entry", "iterative", zph(coxph(Surv(start, stop, event) ~ age + transplant, heart2, control = exact), "identity"))
case("zph_entry_km", "iterative", zph(coxph(Surv(start, stop, event) ~ age + transplant, heart2, control = exact), "km"))
case("zph_breslow", "iterative", zph(coxph(Surv(time, died) ~ age + sex + ecog, lung2, ties = "breslow", control = exact), "rank"))
case("basehaz", "iterative", { b <- basehaz(coxph(Surv(time, died) ~ age + sex, lung2, control = exact), centered = FALSE); list(hazard = b$hazard[match(c(5, 105, 310, 520, 791), b$time)]) })
case("predicted", "iterative", predicted(vet, data.frame(trt = 2, karno = 70, age = 55), v))
case("predicted_breslow", "iterative", predicted(coxph(Surv(time, died) ~ age + sex, lung2, ties = "breslow", control = exact), data.frame(age = 60, sex = 2), l))
case("predicted_entry", "iterative", predicted(coxph(Surv(start, stop, event) ~ age + transplant, heart2, control = exact), data.frame(age = 0, transplant = 1), c(20, 60, 120, 300, 600)))
case("predicted_weights", "iterative", predicted(coxph(Surv(time, status) ~ trt + karno, veteran, weights = diagtime, control = exact), data.frame(trt = 1, karno = 50), v))
# Fine and Gray
case("crr", "iterative", crisk(mg$time, mg$event, mg[, c("age", "male")]))
case("crr_death", "iterative", crisk(mg$time, mg$event, mg[, c("age", "male", "dxyr")], 2))
case("crr_three_causes", "iterative", crisk(tp$time, tp$event, cbind(year = tp$year - 1995), 2))
fgs <- Surv(time, state) ~ id + age + male + dxyr
case("finegray", "iterative", cox(Surv(fgstart, fgstop, fgstatus) ~ age + male, finegray(fgs, mg, etype = "1"), weights = fgwt, cluster = id))
case("finegray_cluster", "iterative", cox(Surv(fgstart, fgstop, fgstatus) ~ age + male, finegray(fgs, mg, etype = "1"), weights = fgwt, cluster = dxyr))
mg$half <- mg$old
case("finegray_strata", "iterative", cox(Surv(fgstart, fgstop, fgstatus) ~ age + male + strata(old), finegray(Surv(time, state) ~ id + age + male + old + strata(half), mg, etype = "1"), weights = fgwt, cluster = id))
case("finegray_weights", "iterative", cox(Surv(fgstart, fgstop, fgstatus) ~ age + male, finegray(fgs, mg, etype = "1", weights = weight), weights = fgwt, cluster = id))
late <- mg[mg$time > 0, ]; late$who <- late$id
case("finegray_entry", "iterative", cox(Surv(fgstart, fgstop, fgstatus) ~ male + dxyr, finegray(Surv(age, age + time / 12, state) ~ who + male + dxyr, late, etype = "1", id = id), weights = fgwt, cluster = who))
# Repeated events
chronic$number <- numbered(chronic, "id", "status")
case("andersen_gill", "iterative", cox(Surv(tstart, tstop, status) ~ rifn + age + steroids, chronic, cluster = id))
case("andersen_gill_center", "iterative", cox(Surv(tstart, tstop, status) ~ rifn + age, chronic, cluster = center, ties = "breslow"))
case("pwp_total", "iterative", cox(Surv(tstart, tstop, status) ~ rifn + age + strata(number), chronic[chronic$number <= 3, ], cluster = id))
case("pwp_gap", "iterative", cox(Surv(tstop - tstart, status) ~ rifn + age + strata(number), chronic[chronic$number <= 3, ], cluster = id))
case("wlw", "iterative", cox(Surv(stop, event) ~ rx + size + strata(enum), bladder, cluster = id, ties = "breslow"))
at <- c(60, 120, 180, 240, 300, 360)
mcf <- function(..., times) { s <- eval(substitute(survfit(...)), parent.frame()); i <- sapply(times, function(t) max(which(s$time <= t))); list(value = s$cumhaz[i], se = s$std.chaz[i]) }
case("mean_cumulative", "closed", mcf(Surv(tstart, tstop, status) ~ 1, chronic, id = id, times = at))
case("mean_cumulative_treated", "closed", mcf(Surv(tstart, tstop, status) ~ 1, chronic[chronic$rifn == 1, ], id = id, times = at + 30))
case("mean_cumulative_center", "closed", mcf(Surv(tstart, tstop, status) ~ 1, chronic, id = id, cluster = center, times = at))
people <- do.call(rbind, lapply(split(chronic, chronic$id), function(p) data.frame(rifn = p$rifn[1], age = p$age[1], center = p$center[1], n = sum(p$status), years = max(p$tstop) / 365.25)))
nb <- function(...) eval(substitute(glm.nb(..., control = glm.control(epsilon = 1e-14, maxit = 200))), parent.frame())
case("negative_binomial", "iterative", { f <- nb(n ~ rifn + age + offset(log(years)), people); list(coef = coef(f), se = sqrt(diag(vcov(f))), dispersion = 1 / f$theta) })
case("negative_binomial_cluster", "iterative", { f <- nb(n ~ rifn + offset(log(years)), people); u <- model.matrix(f) * ((people$n - f$fitted.values) / (1 + f$fitted.values / f$theta)); list(coef = coef(f), robust = sqrt(diag(vcov(f) %*% crossprod(rowsum(u, people$center)) %*% vcov(f)))) })
ghosh <- function(d, times, w = rep(1, nrow(d))) {
  t <- sort(unique(d$stop)); n <- sapply(t, function(s) sum(w[d$start < s & d$stop >= s]))
  e <- sapply(t, function(s) sum(w[d$stop == s & d$event == 1])); q <- sapply(t, function(s) sum(w[d$stop == s & d$event == 2]))
  value <- cumsum(c(1, cumprod(1 - q / n)[-length(n)]) * e / n); value[sapply(times, function(u) max(which(t <= u)))]
}
mixed <- data.frame(id = chronic$id, start = chronic$tstart, stop = chronic$tstop, event = ifelse(chronic$status == 1, 1, ifelse(chronic$id %% 4 == 0, 2, 0)))
case("mean_cumulative_death", "iterative", { who <- unique(mixed$id); list(value = ghosh(mixed, at), se = jackknife(function(w) ghosh(mixed, at, w[match(mixed$id, who)]), length(who), who)) })
# Frailty
case("frailty_rats", "iterative", shared(Surv(time, status) ~ rx + female + frailty(litter, theta = 0.5), rats2))
case("frailty_strata", "iterative", shared(Surv(time, status) ~ rx + strata(female) + frailty(litter, theta = 1), rats2))
case("frailty_entry", "iterative", shared(Surv(tstart, tstop, status) ~ rifn + age + frailty(id, theta = 0.7), chronic, ties = "breslow"))
case("gaussian_kidney", "iterative", shared(Surv(time, status) ~ age + sex + frailty.gaussian(id, theta = 0.6), kidney))
case("gaussian_breslow", "iterative", shared(Surv(tstart, tstop, status) ~ rifn + age + frailty.gaussian(id, theta = 0.3), chronic, ties = "breslow"))
case("gaussian_reml_kidney", "iterative", shared(Surv(time, status) ~ age + sex + frailty.gaussian(id, eps = 1e-7), kidney, theta = TRUE))
case("gaussian_reml_rats", "iterative", shared(Surv(time, status) ~ rx + female + frailty.gaussian(litter, eps = 1e-7), rats2, theta = TRUE))
# States: well, with a malignancy, dead
move <- tmerge(mg[, c("id", "male", "dxyr", "age")], mg, id = id, death = event(futime, death), pcm = event(ptime, pstat))
move <- tmerge(move, move, id = id, enum = cumtdc(tstart))
move$from <- ifelse(move$enum == 1, "well", "pcm"); move$to <- ifelse(move$pcm == 1, "pcm", ifelse(move$death == 1, "dead", ""))
store(move[, c("id", "male", "dxyr", "tstart", "tstop", "from", "to")], "data_moves")
move$next_one <- factor(move$to, c("", "well", "pcm", "dead")); move$from <- factor(move$from, c("well", "pcm", "dead"))
three <- c("well", "pcm", "dead")
case("states", "closed", aj(survfit(Surv(tstart, tstop, next_one) ~ 1, move, id = id, istate = from), m, three))
case("states_men", "closed", aj(survfit(Surv(tstart, tstop, next_one) ~ 1, move[move$male == 1, ], id = id, istate = from), m, three))
case("states_cluster", "closed", { f <- survfit(Surv(tstart, tstop, next_one) ~ 1, move, id = id, istate = from, influence = 1); aj_cluster(f, m, three, mg$dxyr[match(unique(move$id), mg$id)]) })
# Standardised to everybody's ages: R's weighted curve, and the jackknife of the whole estimate, weights included
standard <- function(w, sex) {
  own <- mg$male == sex; p <- tapply(w, mg$old, sum) / sum(w); q <- tapply(w[own], mg$old[own], sum) / sum(w[own])
  d <- mg[own, ]; d$w <- w[own] * (p / q)[as.character(d$old)]
  s <- survfit(Surv(time, state) ~ 1, d, weights = w, id = id, se.fit = FALSE); s$pstate[sapply(m, function(u) max(which(s$time <= u))), 2]
}
for (sex in 0:1) eval(substitute(case(paste0("standardised_", s), "iterative", list(p = standard(rep(1, 600), s), se = jackknife(function(w) standard(w, s), 600, mg$dxyr))), list(s = sex)))
# The rest
case("adjusted", "closed", { p <- c(0.001, 0.2, 0.03, 0.03, 0.049, 0.7); list(holm = p.adjust(p, "holm"), bonferroni = p.adjust(p, "bonferroni"), benjamini_hochberg = p.adjust(p, "BH")) })
case("gini", "closed", { x <- sort(people$n); n <- length(x); list(gini = sum((2 * seq_len(n) - n - 1) * x) / (n * sum(x))) })
case("person_years", "closed", { p <- pyears(Surv(tstop - tstart, status) ~ 1, chronic, scale = 365.25); list(rate = p$event / p$pyears) })
answers$value <- signif(answers$value, 13)
store(answers, "answers"); store(cases, "cases")
