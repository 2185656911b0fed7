# SPDX-License-Identifier: Apache-2.0
"""Proposes points of a design space to `eie sweep --optimize`, which starts this and answers.

usage: python3 optimize.py SEED TRIALS AXIS...

AXIS is NAME:SIZE:STRIDE:KIND, KIND `ordered` (a number's values, ascending) or `free`. Prints the number of a point, a line each;
reads the objective there, or `none` for a point that is not possible. Ends with 3 where Optuna is not installed. The same seed
and answers give the same points.
"""
import sys


def main():
    try:
        import optuna
    except ImportError:
        return 3
    seed, trials = int(sys.argv[1]), int(sys.argv[2])
    axes = []
    for text in sys.argv[3:]:
        name, size, stride, kind = text.split(":")
        axes.append((name, int(size), int(stride), kind))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed))
    for _ in range(trials):
        trial = study.ask()
        index = 0
        for name, size, stride, kind in axes:
            if kind == "ordered":
                at = trial.suggest_int(name, 0, size - 1)
            else:
                at = trial.suggest_categorical(name, list(range(size)))
            index += at * stride
        print(index, flush=True)
        answer = sys.stdin.readline().strip()
        if not answer:
            break
        if answer == "none":
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, float(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
