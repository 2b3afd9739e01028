"""Words of the about page."""

WORDS: dict[str, str | dict[str, str]] = {
    "page.about": "About",
    "page.about.title": "About this app",
    "about.checks": "Self-check",
    "about.all_well": "Everything is fine.",
    "about.fine": {"one": "{count} check passed", "other": "{count} checks passed"},
    "about.data": "Where the data is kept",
    "about.data_server": "Uploaded sheets and submissions are kept in this database, which your team's computers share. The app contacts nobody except it and the platform you enter under Connection.",
    "about.data_means": "Uploaded sheets and submissions are kept only in this folder on this computer. The app contacts nobody except the platform you enter under Connection.",
    "about.versions": "Versions",
    "about.part": "Open-source part",
    "about.version": "Version",
    "about.licence": "Licence",
    "about.licences": {"one": "Licence of {count} part", "other": "Licences of {count} parts"},
    "about.licences_means": "The open-source parts this app uses and their licences, as they state them themselves.",
    "about.support": "Asking a technician",
    "about.support_means": "If you need help, send the diagnostics below to your technician: versions, the self-check, counts of each state and the app's latest log. They hold no token, number, name, email address or file name, and only the first 8 characters of IDs. Have a look before you send them.",
    "about.download": "Download the diagnostics",
    "about.download_name": "diagnostics.txt",
    "about.look": "See what is in it",
}
