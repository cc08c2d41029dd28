"""Starting, checking and keeping an installation: supervisor, server, migrations, doctor, backup."""
