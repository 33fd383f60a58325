"""The verbs of the command line, one a file.

Each has HELP (one line), EXAMPLE (one command), `arguments(parser)` and `run(args) -> exit code`.
Importing one imports neither ray nor torch: those come inside `run`.
"""
