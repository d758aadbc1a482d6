// Everything a page of the desk does: the customer pages' behaviours, keys, live updates and htmx.
import "./site.js";
import "./requests.js";
import "./places.js";
import "./keys.js";
import "./answers.js";
import "./focus.js";
import "./current.js";
import "./seen.js";
import "./undo.js";
import "./morph.js";
import "./live.js";
