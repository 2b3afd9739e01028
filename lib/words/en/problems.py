"""Words about what is wrong in a sheet and what cleaning did to it."""

WORDS: dict[str, str | dict[str, str]] = {
    # what is wrong with one cell
    "problem.phone_missing": "This row has no phone number. Add one, or leave the row out.",
    "problem.phone_lost_digits": "Part of the number is gone from “{value}” and cannot be restored. Format the column as text in the original sheet and take the full number from there.",
    "problem.phone_too_short": "“{value}” has too few digits; some may be missing at the front or in the middle. Compare it with your source and enter the full number.",
    "problem.phone_too_long": "“{value}” has too many digits. Compare it with your source and remove what does not belong.",
    "problem.phone_several": "“{value}” holds more than one number. Keep only the one to be called.",
    "problem.phone_text": "There are words in “{value}”. Keep only the number.",
    "problem.phone_implausible": "“{value}” does not look like any number in use. Check it, and remove an extension if there is one.",
    "problem.phone_repeated": "Row {suggestion} has the same number, so only row {suggestion} is submitted. Correct the number here if it was mistyped.",
    "problem.phone_landline": "“{value}” is a landline ({place}); the platform does not say whether it calls those. Leave the row out if you do not want that.",
    "problem.phone_service_number": "“{value}” is a service number (400, 800, 95 or 96), rarely a customer's own. Make sure that you want to call it.",
    "problem.phone_foreign": "“{value}” is a number outside mainland China ({place}); the platform does not say whether it calls those. Make sure that you want to call it.",
    "problem.phone_suffixed": "“{value}” carries a suffix, so the platform takes it as a different number. Make sure that the suffix is there on purpose.",
    "problem.phone_unchecked": "“{value}” is an encrypted number and cannot be checked. Make sure that it is encrypted the way the platform asks.",
    "problem.email_invalid": "“{value}” does not look like an email address. Correct it or empty the cell.",
    "problem.sex_unknown_word": "It is unclear which sex “{value}” stands for. Write male, female or unknown, or empty the cell.",
    "problem.integer_invalid": "{field} has to be a whole number from 0 to 2,147,483,647, and “{value}” is not. Correct it or empty the cell.",
    "problem.text_long": "The text in {field} is unusually long and may belong to another column. Have a look at it.",
    "problem.text_too_long": "The text in {field} is longer than 2,000 characters and cannot be submitted. Shorten it.",
    "problem.text_broken": "The text in {field} contains damaged characters (shown as �). Compare it with your source and type it again.",
    "problem.already_sent": "“{value}” was submitted before. Leave the row out unless it should be called again.",
    "problem.sent_elsewhere": "“{value}” went to another task recently. Leave the row out unless it should be called again.",
    "problem.sent_again": "“{value}” was submitted before, and you chose to submit it again.",
    "problem.do_not_call": "“{value}” is on the do-not-call list and will not be submitted.",
    # its name, short enough for a cell of the grid
    "problem.phone_missing.name": "No phone number",
    "problem.phone_lost_digits.name": "Digits of the number are lost for good",
    "problem.phone_too_short.name": "Too few digits",
    "problem.phone_too_long.name": "Too many digits",
    "problem.phone_several.name": "More than one number",
    "problem.phone_text.name": "Text in the number",
    "problem.phone_implausible.name": "Number cannot be right",
    "problem.phone_repeated.name": "Same number as a row further up",
    "problem.phone_landline.name": "Landline",
    "problem.phone_service_number.name": "Service number (400, 95…)",
    "problem.phone_foreign.name": "Number outside mainland China",
    "problem.phone_suffixed.name": "Number carries a suffix",
    "problem.phone_unchecked.name": "Encrypted number, not checked",
    "problem.email_invalid.name": "Not an email address",
    "problem.sex_unknown_word.name": "Word for sex not known",
    "problem.integer_invalid.name": "Has to be a whole number",
    "problem.text_long.name": "Rather long text",
    "problem.text_too_long.name": "Text too long",
    "problem.text_broken.name": "Damaged characters",
    "problem.already_sent.name": "Submitted before",
    "problem.sent_elsewhere.name": "Recently sent to another task",
    "problem.sent_again.name": "Submitted before, again by your choice",
    "problem.do_not_call.name": "On the do-not-call list",
    # what to do about all of them
    "problem.phone_missing.fix": {
        "one": "Add {count} missing phone number",
        "other": "Add {count} missing phone numbers",
    },
    "problem.phone_lost_digits.fix": {
        "one": "Take {count} incomplete number from your source again",
        "other": "Take {count} incomplete numbers from your source again",
    },
    "problem.phone_too_short.fix": {
        "one": "Complete {count} phone number that is too short",
        "other": "Complete {count} phone numbers that are too short",
    },
    "problem.phone_too_long.fix": {
        "one": "Correct {count} phone number that is too long",
        "other": "Correct {count} phone numbers that are too long",
    },
    "problem.phone_several.fix": {
        "one": "Keep a single number in {count} cell",
        "other": "Keep a single number in each of {count} cells",
    },
    "problem.phone_text.fix": {
        "one": "Remove the words from {count} phone number",
        "other": "Remove the words from {count} phone numbers",
    },
    "problem.phone_implausible.fix": {
        "one": "Fix {count} number that cannot be right",
        "other": "Fix {count} numbers that cannot be right",
    },
    "problem.phone_repeated.fix": {
        "one": "Check {count} repeated number",
        "other": "Check {count} repeated numbers",
    },
    "problem.phone_landline.fix": {
        "one": "Confirm {count} landline",
        "other": "Confirm {count} landlines",
    },
    "problem.phone_service_number.fix": {
        "one": "Confirm {count} service number",
        "other": "Confirm {count} service numbers",
    },
    "problem.phone_foreign.fix": {
        "one": "Confirm {count} number outside mainland China",
        "other": "Confirm {count} numbers outside mainland China",
    },
    "problem.phone_suffixed.fix": {
        "one": "Confirm {count} number with a suffix",
        "other": "Confirm {count} numbers with a suffix",
    },
    "problem.phone_unchecked.fix": {
        "one": "Confirm {count} encrypted number that cannot be checked",
        "other": "Confirm {count} encrypted numbers that cannot be checked",
    },
    "problem.email_invalid.fix": {
        "one": "Fix {count} email address",
        "other": "Fix {count} email addresses",
    },
    "problem.sex_unknown_word.fix": {
        "one": "Fix {count} entry for sex",
        "other": "Fix {count} entries for sex",
    },
    "problem.integer_invalid.fix": {
        "one": "Fix {count} cell that should be a whole number",
        "other": "Fix {count} cells that should be whole numbers",
    },
    "problem.text_long.fix": {
        "one": "Look at {count} unusually long text",
        "other": "Look at {count} unusually long texts",
    },
    "problem.text_too_long.fix": {
        "one": "Shorten {count} text that is too long",
        "other": "Shorten {count} texts that are too long",
    },
    "problem.text_broken.fix": {
        "one": "Type {count} damaged text again",
        "other": "Type {count} damaged texts again",
    },
    "problem.already_sent.fix": {
        "one": "Check {count} number that was submitted before",
        "other": "Check {count} numbers that were submitted before",
    },
    "problem.sent_elsewhere.fix": {
        "one": "Check {count} number that went to another task recently",
        "other": "Check {count} numbers that went to another task recently",
    },
    "problem.sent_again.fix": {
        "one": "{count} number was submitted before and goes again by your choice",
        "other": "{count} numbers were submitted before and go again by your choice",
    },
    "problem.do_not_call.fix": {
        "one": "{count} number is on the do-not-call list and will not be submitted",
        "other": "{count} numbers are on the do-not-call list and will not be submitted",
    },
    # what cleaning did
    "change.full_width": "full-width characters made half-width",
    "change.spaces": "spaces removed",
    "change.invisible": "invisible characters removed",
    "change.country_code": "country code 86 removed, or a leading 00 of a foreign number written as +",
    "change.punctuation": "dashes, brackets and other marks removed",
    "change.decimal": "trailing .0 removed",
    "change.apostrophe": "leading apostrophe removed",
    "change.scientific": "scientific notation written out",
    "change.trunk_zero": "0 before a mobile number removed",
    "change.placeholder": "a word for “nothing” emptied",
    "change.word": "a word replaced by the platform's code",
    # what forbids the submission as a whole
    "blocked.components_ignored": "“Stay out of the customer pool” is on, but the sheet has pool components, whose contents would be lost. Switch the option off, or remove the columns of the components.",
}
