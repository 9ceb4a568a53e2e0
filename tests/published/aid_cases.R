# Answers of R for the people in aid_people.csv, worked out from the dates anew: writes aid_answers.csv beside it.
# Rscript aid_cases.R aid_people.csv aid_answers.csv (R 4.2.2, survival 3.5-3, MASS 7.3-58)
library(survival)
library(MASS)
arguments <- commandArgs(trailingOnly = TRUE)
d <- read.csv(arguments[1], na.strings = "")
for (name in grep("date|start|end", names(d), value = TRUE)) if (name != "care_type") d[[name]] <- as.Date(d[[name]])
out <- NULL
keep <- function(kind, ...) {
  values <- list(...)
  for (name in names(values)) {
    v <- as.numeric(values[[name]])
    out <<- rbind(out, data.frame(kind = kind, name = name, place = seq_along(v) - 1, value = v))
  }
}
study_end <- as.Date("2020-12-31")
years_old <- function(birth, day) {
  b <- as.POSIXlt(birth); t <- as.POSIXlt(day)
  t$year - b$year - (t$mon * 100 + t$mday < b$mon * 100 + b$mday)
}
earliest <- function(...) as.Date(pmin(..., na.rm = TRUE))
age <- years_old(d$birth_date, d$offence_start)

# When a first youth care begins, of minors: death and departure compete, the eighteenth birthday censors
m <- d[age < 18, ]
origin <- m$offence_end - 365
eighteen <- as.Date(ISOdate(as.numeric(format(m$birth_date, "%Y")) + 18, as.numeric(format(m$birth_date, "%m")), as.numeric(format(m$birth_date, "%d"))))
in_care <- !is.na(m$care_start) & m$care_start < origin & (is.na(m$care_end) | m$care_end >= origin)
begun <- m$care_start
begun[!is.na(begun) & begun < origin] <- NA
leaves <- earliest(begun, eighteen, study_end, origin + 365 + 730, m$to_date, m$death_date)
event <- ifelse(!is.na(begun) & begun == leaves, 1, ifelse(!is.na(m$death_date) & m$death_date == leaves, 2, ifelse(!is.na(m$to_date) & m$to_date == leaves, 3, 0)))
days <- as.numeric(leaves - origin)
followed <- !in_care & days > 0
fit <- survfit(Surv(days[followed], factor(event[followed], 0:3)) ~ 1)
at <- fit$n.event[, 2] > 0
keep("first_aid", time = fit$time[at], n.risk = fit$n.risk[at, 1], incidence = fit$pstate[at, 2], followed = sum(followed))
keep("other_events", death = sum(fit$n.event[, 3]), departure = sum(fit$n.event[, 4]))

# Median days in a first closed placement that starts within a year
start <- as.numeric(m$care_start - m$offence_end)
closed <- !is.na(start) & start >= 0 & start <= 365 & m$care_type %in% "closed"
until <- m$care_end[closed]
ended <- !is.na(until)
until[!ended] <- study_end
q <- quantile(survfit(Surv(as.numeric(until - m$care_start[closed]), ended) ~ 1, conf.type = "log-log"), 0.5)
keep("closed", value = q$quantile, ci_lower = q$lower, ci_upper = q$upper, n = sum(closed))

# Aid and being registered again
index <- d$registration_date
exit <- earliest(study_end, d$to_date, d$death_date)
aid_day <- as.numeric(d$care_start - index)
prior <- as.numeric(!is.na(aid_day) & aid_day <= 0 & (is.na(d$care_end) | d$care_end >= index - 365))
aid_day[is.na(aid_day) | aid_day <= 0] <- Inf
terms <- data.frame(id = seq_len(nrow(d)), prior_aid = prior, minor = as.numeric(age < 18), adolescent = as.numeric(age >= 18 & age < 23), female = as.numeric(d$sex == "female"))
outcome <- function(date) {
  happens <- !is.na(date) & date <= exit
  data.frame(terms, days = as.numeric(ifelse(happens, date, exit) - as.numeric(index)), event = as.numeric(happens), aid_day = aid_day)
}
control <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 100)
model <- function(kind, formula, rows) {
  fit <- coxph(formula, data = rows, ties = "efron", cluster = id, control = control)
  keep(kind, coefficient = coef(fit), robust = sqrt(diag(vcov(fit))), model = sqrt(diag(fit$naive.var)), n_events = fit$nevent)
}
person <- outcome(d$person_offence_date)
person <- person[person$days > 0, ]
property <- outcome(d$property_offence_date)
property <- property[property$days > 0, ]
for (name in c("person", "property")) {
  rows <- get(name)
  rows <- rows[rows$days > 180, ]
  rows$aid <- as.numeric(rows$aid_day <= 180)
  rows$days <- rows$days - 180
  model(paste0("landmark_", name), Surv(days, event) ~ aid + prior_aid + minor + adolescent + female, rows)
}
person$ever <- as.numeric(person$aid_day < person$days)
model("ever", Surv(days, event) ~ ever + prior_aid + minor + adolescent + female, person)
finite <- person
finite$aid_day[!is.finite(finite$aid_day)] <- NA
spells <- tmerge(finite, finite, id = id, ends = event(days, event), aid = tdc(aid_day))
model("time_dependent", Surv(tstart, tstop, ends) ~ aid + prior_aid + minor + adolescent + female, spells)

# Observed against expected: a Poisson model with the expected number as offset; its robust error. And the mean difference
place <- seq_len(nrow(d))
own <- as.numeric(place %% 3 == 0)
expected <- ((place * 7) %% 10 + 1) / 20
fit <- glm(own ~ 1 + offset(log(expected)), family = poisson, control = list(epsilon = 1e-14, maxit = 100))
keep("contrast", log_ratio = coef(fit), error = sqrt(sum(residuals(fit, "response")^2)) / sum(fitted(fit)))
keep("contrast", difference = mean(own - expected), difference_error = t.test(own - expected)$stderr)

# Costs: two ratio estimators, each a weighted mean, of the same sets
years <- 1 + place %% 2
costs <- ifelse(place %% 4 == 0, (place * 37) %% 1000 * years, 0)
their_years <- 3 + place %% 5
theirs <- (place * 11) %% 97 * their_years
one <- lm(I(costs / years) ~ 1, weights = years)
other <- lm(I(theirs / their_years) ~ 1, weights = their_years)
score <- years * residuals(one) / sum(years) - their_years * residuals(other) / sum(their_years)
keep("costs", difference = coef(one) - coef(other), error = sqrt(sum(score^2)))
some <- costs > 0
keep("two_parts", share = plogis(coef(glm(some ~ 1, family = binomial))), amount = exp(coef(glm(costs[some] ~ 1, family = Gamma("log")))))

# The chi-square of figure 3.1 from the printed counts, as the model of independence
care <- data.frame(n = c(145, 265 - 145, 24990, 261605 - 24990), side = c("v", "v", "c", "c"), care = c("yes", "no", "yes", "no"))
keep("chi_square", statistic = loglm(n ~ side + care, data = care)$pearson)
write.csv(out, arguments[2], row.names = FALSE, quote = FALSE)
