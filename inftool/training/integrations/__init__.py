"""Our environments in other people's trainers, as thin as they get: OpenEnv, verl's agent loop,
verifiers.

Each file needs its peer installed; `episode` needs none.
"""
