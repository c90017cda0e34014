"""Tables, migrations and the database handle."""
