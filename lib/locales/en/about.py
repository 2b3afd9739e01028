"""Words of the about page."""

WORDS: dict[str, str | dict[str, str]] = {
    "page.about": "About",
    "page.about.title": "About this app",
    "about.checks": "Self-check",
    "about.all_well": "All is well.",
    "about.fine": {"one": "{count} check is fine", "other": "{count} checks are fine"},
    "about.data": "Where the data lies",
    "about.data_server": "Uploaded sheets and submissions are in this database, which your team's computers share. Apart from it and the platform you enter under Connection, this app contacts nobody.",
    "about.data_means": "Uploaded sheets and submissions are in this folder of this computer only. Apart from the platform you enter under Connection, this app contacts nobody.",
    "about.versions": "Versions",
    "about.part": "Part",
    "about.version": "Version",
    "about.licence": "Licence",
    "about.licences": {"one": "Licence of {count} part", "other": "Licences of {count} parts"},
    "about.licences_means": "The open-source parts this app uses and their licences, as they state them themselves.",
    "about.support": "Getting help",
    "about.support_means": "If somebody helps you with this app, send them the diagnostics below: versions, the self-check, counts of each state and the program's latest log. No token, number, name, e-mail address or file name is in it, and of IDs only the first 8 characters. Have a look before you send it.",
    "about.download": "Download the diagnostics",
    "about.download_name": "diagnostics.txt",
    "about.look": "See what is in it",
}
