"""A contact list with the faults of real ones, to try the app with; the mobile numbers are of the unused 154 range."""

from lib.words import Words

#: One line per spreadsheet row, cells parted by |; a cell that starts with # is a true number.
_ROWS = """\
Autumn trade fair 2026, interested customers
Customer name|Mobile|Company name|Gender|Email address|Customer ID|Favourite colour
Alice Chen|15400001000|Morning Light Trading|male||KH-1001|blue
Bob Lin|15400001037|Blue Ocean Tech|female|contact02@example.com|KH-1002|red
Carl Wang|15400001074|Hengxin Interiors|male|contact03@example.com|KH-1003|green
Diana Li|+86 154 0000 1211|South Hill Coffee|female||KH-1004|orange
Eric Zhang|15400001148|Four Seas Logistics|male|contact05@example.com|KH-1005|blue
Fiona Liu|15400002185|Bright Start Education|female|contact06@example.com|KH-1006|red
George Zhao|154-0000-1222|Morning Light Trading|male||KH-1007|green
Helen Huang|15400002259|Blue Ocean Tech|female|contact08@example.com|KH-1008|orange
Ivan Zhou|１５４００００１２３３|Hengxin Interiors|male|contact09@example.com|KH-1009|blue
Jenny Wu|15400002333|South Hill Coffee|female||KH-1010|red
Kevin Xu|#15400001244|Four Seas Logistics|male|contact11@example.com|KH-1011|green
Laura Sun|15400002407|Bright Start Education|female|contact12@example.com|KH-1012|orange
Martin Ma|1.5400001255E+10|Morning Light Trading|male||KH-1013|blue
Nina Zhu|15400002481|Blue Ocean Tech|female|contact14@example.com|KH-1014|red
Oscar Hu|1.30E+10|Hengxin Interiors|male|contact15@example.com|KH-1015|green
Paula Guo|15400002555|South Hill Coffee|female||KH-1016|orange
Quentin He|154 0000 1000|Four Seas Logistics|male|contact17@example.com|KH-1017|blue
Rita Gao|15400002629|Bright Start Education|female|contact18@example.com|KH-1018|red
Simon Luo|+86-154-0000-1037|Morning Light Trading|male||KH-1019|green
Tina Zheng|15400002703|Blue Ocean Tech|female|contact20@example.com|KH-1020|orange
Ulrich Liang|0755-00012345|Hengxin Interiors|male|contact21@example.com|KH-1021|blue
Vera Xie|15400002777|South Hill Coffee|female||KH-1022|red
William Song|4000000123|Four Seas Logistics|male|contact23@example.com|KH-1023|green
Xenia Tang|15400002851|Bright Start Education|female|contact24@example.com|KH-1024|orange
Yvonne Xu|15400001311/15400001322|Morning Light Trading|male||KH-1025|blue
Zack Han|15400002925|Blue Ocean Tech|female|contact26@example.com|KH-1026|red
Amy Deng||Hengxin Interiors|male|contact27@example.com|KH-1027|green
Brian Feng|15400002999|South Hill Coffee|female||KH-1028|orange
Cindy Cao|1540000133|Four Seas Logistics|male|contact29@example.com|KH-1029|blue
Derek Peng|15400003073|Bright Start Education|female|contact30@example.com|KH-1030|red

Ella Zeng|154000013444|Morning Light Trading|male||KH-1031|green
Frank Xiao|15400003147|Blue Ocean Tech|female|contact32@example.com|KH-1032|orange
Grace Tian|15400003184|Hengxin Interiors|Mr.|contact33@example.com|KH-1033|blue
Henry Dong|15400003221|South Hill Coffee|Ms.||KH-1034|red
Iris Yuan|15400003258|Four Seas Logistics|male|contact35@example.com|KH-1035|green
Jack Pan|15400003295|Bright Start Education|not given|contact36@example.com|KH-1036|orange
Kelly Yu|15400003332|Morning Light Trading|male||KH-1037|blue
Leo Jiang|15400003369|Blue Ocean Tech|female|zhou.example.com|KH-1038|red
Mia Cai|15400003406|Hengxin Interiors|male|contact39@example.com|KH-1039|green
Noah Yu|15400003443|South Hill Coffee|female|n/a|KH-1040|orange
Olivia Du|15400003480|Four Seas Logistics|male|contact41@example.com|KH-1041|blue
Kenta 𠮷da|15400003517|Bright Start Education|female|contact42@example.com|KH-1042|red
Queenie Cheng|15400003554|Morning Light Trading|male||KH-1043|green
Fawn 🦌|15400003591|Blue Ocean Tech|female|contact44@example.com|KH-1044|orange
Sally Wei|15400003628|Hengxin Interiors|male|contact45@example.com|KH-1045|blue
Tom Lyu|(86)15400001355|South Hill Coffee|female||KH-1046|red
Una Ding|15400003702|Four Seas Logistics|male|contact47@example.com|KH-1047|green
Victor Ren|'15400001366|Bright Start Education|female|contact48@example.com|KH-1048|orange
Wendy Shen|15400003776|Morning Light Trading|male||KH-1049|blue
Yale Yao|Yale 15400001377|Blue Ocean Tech|female|contact50@example.com|KH-1050|red
Zoe Lu|15400003850|Hengxin Interiors|male|contact51@example.com|KH-1051|green
Adam Jiang|15400001000|South Hill Coffee|female||KH-1052|orange
Bella Cui|15400003924|Four Seas Logistics|male|contact53@example.com|KH-1053|blue
O'Brien & <Sons>|15400003961|Bright Start Education|female|contact54@example.com|KH-1054|red
Daisy Tan|15400003998|Morning Light Trading|male||KH-1055|green
Edgar Lu|15400004035|Blue Ocean Tech|female|contact56@example.com|KH-1056|orange
Flora Wang|15400004072|Hengxin Interiors|male|contact57@example.com|KH-1057|blue
Gavin Fan|15400004109|South Hill Coffee|female||KH-1058|red
Total||||||58
"""

WORDS: Words = {
    # the sample file and the template
    "samples.example_value": "example",
    "samples.note_own_component": "A component of the customer pool. The platform's rules: {rules}.",
    "samples.rows": _ROWS,
    "samples.file_name": "sample-contacts.xlsx",
    "samples.sheet": "Customers",
    "samples.template_sheet": "Contacts",
    "samples.example_name": "Zhang Wei (example, delete this row)",
    "samples.male": "male",
    "samples.female": "female",
    "samples.unknown": "unknown",
    "samples.required": "required",
    "samples.optional": "optional",
    "samples.note_component": "Add columns of your own under any name; give their component ID after the upload, where columns are matched.",
    "samples.note_example": "Row 2 is an example. Delete it before you start, or it is submitted as a contact.",
    "samples.note_text": "Every column is formatted as text, so no number turns into 1.3E+10; when pasting from elsewhere, paste values only.",
}
