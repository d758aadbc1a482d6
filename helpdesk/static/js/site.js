// Everything a customer's page does. Each import is one behaviour; all of them work on forms that work without them.
import "./script.js";
import "./theme.js";
import "./menu.js";
import "./dialog.js";
import "./once.js";
import "./toast.js";
import "./time.js";
import "./files.js";
import "./conditional.js";
import "./grow.js";
import "./tags.js";
import "./editor.js";
import "./frame.js";
import "./fill.js";
