"""Our environments in other people's trainers: OpenEnv, verl's agent loop, verifiers.

Each module needs its trainer installed; `episode` needs none.
"""
