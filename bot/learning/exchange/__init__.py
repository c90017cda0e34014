"""Questions in and out of other systems: GIFT (Moodle), XLSX, a printable hand-out. Pure; files are bytes or text."""
