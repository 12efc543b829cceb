"""Runs an evaluator over many solutions of one instance: EVALUATOR INSTANCE, then a solution's path a line on standard input.

Prints the evaluator's line for each. The evaluator is run as it is; an instance that it loads by a function `load` is loaded once.
"""

import contextlib
import functools
import io
import sys

evaluator, instance = sys.argv[1:3]
code = compile(open(evaluator).read(), evaluator, "exec")
space = None



def answer(solution):
    global space
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        if space is None or "main" not in space:
            sys.argv = [evaluator, instance, solution]
            space = {"__name__": "__main__"}
            exec(code, space)
            if "main" in space and "load" in space:
                space["load"] = functools.cache(space["load"])
        else:
            space["main"](instance, solution)
    return said.getvalue().strip()


for line in sys.stdin:
    print(answer(line.strip()), flush=True)
