"""An announcement to a hundred thousand citizens: is anybody missed or told twice, and does anybody wait for it?"""
