//! Words for when a template fails although it passed its check. They are no template, so they cannot fail.

use handlebars::html_escape;

use super::{dutch, one_line};
use crate::domain::{Caution, Content, Words};

/// A letter in the fewest words that let somebody act on it.
#[must_use]
pub fn bare(content: &Content) -> Words {
    let facts = &content.facts;
    let (task, title, due) = (facts.task, one_line(&facts.title), dutch::long_date(facts.due));
    let caution = match facts.caution {
        Some(Caution::Forged) => "PAS OP: dit bericht lijkt nep.\n\n",
        Some(Caution::Unchecked) => "LET OP: wij weten niet zeker wie dit bericht heeft gestuurd.\n\n",
        None => "",
    };
    let text = format!(
        "Taak {task} van Koppelwacht wacht op u.\n\n{caution}{title}\n{}\n\nVóór {due}.\n\nOppakken: koppelwacht task take \
         {task}\nOf vraag het uw functioneel beheerder en noem nummer {task}.\n",
        facts.instruction
    );
    let paragraphs = html_escape(text.trim_end())
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', "<br>\n"))
        .collect::<Vec<_>>()
        .join("</p>\n<p>");
    Words {
        subject: format!("[Koppelwacht #{task}] {title}"),
        html: format!(
            "<!DOCTYPE html>\n<html lang=\"nl\">\n<head><meta charset=\"utf-8\"><title>Koppelwacht, taak \
             {task}</title></head>\n<body>\n<p>{paragraphs}</p>\n</body>\n</html>\n"
        ),
        text,
    }
}
