"""Words for several machines on one PostgreSQL."""

WORDS: dict[str, str | dict[str, str]] = {
    "error.server_gone": "The database server cannot be reached, so this step was not saved and no number is sent. Wait a moment and try again; if it goes on, have the administrator check the server, the network and the address in DATABASE_URL.",
    "error.server_login": "The database server does not accept the user or password in DATABASE_URL, so it was not opened. Have the administrator check them and restart the app.",
    "error.server_database": "The database named in DATABASE_URL does not exist on the server. Have the administrator create it, or correct the name, and restart the app.",
    "error.server_read_only": "The database server can be read but not written (it may be a standby), and this step was not saved. Have the administrator check that DATABASE_URL names the primary server.",
    "error.server_rights": "The user in DATABASE_URL lacks rights, and this step was not saved. Have the administrator let this user create tables and write in the database.",
    "error.server_full": "The database server's disk is full, so nothing can be recorded and nothing more is sent. Have the administrator free some space, then press “Go on sending”.",
    "error.server_busy": "The database server has no connection or memory left, and this step was not saved. Wait a moment and try again; if it happens often, have the administrator raise max_connections.",
    "error.server_locked": "The database was busy for too long, and this step was not saved. Please try again.",
    "error.server_corrupt": "The database server reports damaged data, so sending has stopped. Have the administrator leave it untouched and restore a backup.",
    "error.server_key": "CONTACT_DESK_INSTALL_KEY is not the key this database was made with, so it is not known which numbers were sent before, and it was not opened. Have the administrator put the old key back.",
    "error.server_key_form": "CONTACT_DESK_INSTALL_KEY has to be 64 hexadecimal digits (0–9, a–f) and is not, so the database was not opened. Have the administrator correct it.",
    "error.server_address": "DATABASE_URL is not the address of a PostgreSQL, so no database was opened. It looks like postgresql://user:password@host/database; have the administrator correct it.",
    "error.server_moved": "Another database server answers now, or an earlier state of it, so sending has stopped. Have the administrator restart the app: at its start it checks which batches may have gone out.",
    "error.store_moved": "Everything in this data file has moved to a database server ({to}), so the file is not opened any more: sending from both would call people twice. Have the administrator set DATABASE_URL and restart the app.",
    "error.copy_run_going": {
        "one": "One submission is still going, so nothing was moved. Pause it or wait for its end, close the app, and move again.",
        "other": "{count} submissions are still going, so nothing was moved. Pause them or wait for their end, close the app, and move again.",
    },
    "error.copy_target_used": "The database holds something else already (table {table} is not as in the file), so nothing was changed. Have the administrator make an empty database.",
    "error.copy_differs": "What was written reads otherwise than the file (table {table}), so all of it was taken back and both stay as they were. Please tell your technician.",
}
