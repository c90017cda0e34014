"""Figures and anonymous rows as files: CSV, XLSX, and a report on paper, at once, on order, or every month."""
