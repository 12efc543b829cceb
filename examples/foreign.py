"""A stage in ten lines: some class gets the first of its rooms. `stagecoach solve INPUT --stage2b "exec:python3 examples/foreign.py"`"""
import json, os, random, sys

given, made = sys.argv[1:]
plan = json.load(open(given + "/plan.json"))
rooms = plan["timetable"]["rooms"]  # by class: position in its list of rooms
random.seed(int(os.environ["STAGECOACH_SEED"]))
rooms[random.randrange(len(rooms))] = 0
plan["score"] = None  # the checker fills it in, and refuses the plan if it is worse
json.dump(plan, open(made + "/plan.json", "w"))
