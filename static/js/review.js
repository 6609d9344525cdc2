// The page of one review: keys for its causes.
import { answerKeys } from "./keys.js";

answerKeys(document.getElementById("review"));
