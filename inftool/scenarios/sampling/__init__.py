"""What to compose next: coverage, tool choice, distractors, the schedule of categories."""
