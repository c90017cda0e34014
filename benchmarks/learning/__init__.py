"""A simulated class: many learners, several courses, weeks on a simulated clock, the real engine, tables and planner."""
