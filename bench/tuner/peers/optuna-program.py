"""Optuna behind standard input and output: one line of JSON a question, one a answer, in order.

{"begin": {"knobs": [{"id", "domain"}], "usual": {...}, "seed"}}  ->  {"version"}
{"ask": true}                                                   ->  {"settings": {...}}
{"tell": {"value", "constraints": [...]}}                       ->  {"best": {...} | null}
"""
import json
import sys
import warnings

import optuna

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
optuna.logging.set_verbosity(optuna.logging.ERROR)

CONSTRAINTS = "constraints"


def distribution(domain):
    if isinstance(domain, list):
        return optuna.distributions.CategoricalDistribution(domain)
    log = domain["scale"] == "log"
    if domain["integer"]:
        return optuna.distributions.IntDistribution(int(domain["min"]), int(domain["max"]), log=log)
    return optuna.distributions.FloatDistribution(float(domain["min"]), float(domain["max"]), log=log)


def feasible(trial):
    return all(one <= 0 for one in trial.user_attrs[CONSTRAINTS])


class Session:
    def begin(self, knobs, usual, seed):
        self.space = {knob["id"]: distribution(knob["domain"]) for knob in knobs}
        sampler = optuna.samplers.TPESampler(seed=seed, constraints_func=lambda trial: trial.user_attrs[CONSTRAINTS])
        self.study = optuna.create_study(direction="maximize", sampler=sampler)
        # What is in force is known to work, and is the first to be measured.
        self.study.enqueue_trial(usual)
        self.best = None
        return {"version": optuna.__version__}

    def ask(self):
        self.trial = self.study.ask(self.space)
        return {"settings": self.trial.params}

    def tell(self, value, constraints):
        self.trial.set_user_attr(CONSTRAINTS, constraints)
        told = self.study.tell(self.trial, value)
        if feasible(told) and (self.best is None or value > self.best.value):
            self.best = told
        return {"best": None if self.best is None else self.best.params}


session = Session()
for line in sys.stdin:
    question = json.loads(line)
    if "begin" in question:
        answer = session.begin(**question["begin"])
    elif "tell" in question:
        answer = session.tell(**question["tell"])
    else:
        answer = session.ask()
    print(json.dumps(answer), flush=True)
