"""Figures for staff: each table is made by one function, and page, export and tests take the same object."""
