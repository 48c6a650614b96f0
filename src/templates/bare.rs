//! Words for when a template fails although it passed its check. They are no template, so they cannot fail.

use handlebars::html_escape;

use super::{dutch, one_line};
use crate::domain::{Caution, Content, Facts, Words};

/// A letter in the fewest words that let somebody act on it.
#[must_use]
pub fn bare(content: &Content) -> Words {
    match content {
        Content::Task { facts, .. } => task(facts),
        Content::Overview(overview) => letter(
            "[Koppelwacht] Overzicht",
            format!(
                "Er staan {} taken open die niet mogen blijven liggen. Daarvan zijn er {} te laat.\n\nBekijk ze: \
                 koppelwacht task list\n",
                overview.open, overview.overdue
            ),
        ),
        Content::Back(back) => letter(
            "[Koppelwacht] Taken die zijn doorgegeven",
            format!(
                "Tijdens uw afwezigheid zijn {} taken doorgegeven aan een collega.\n\nBekijk ze: koppelwacht task \
                 list\n",
                back.tasks.len()
            ),
        ),
        Content::Answered(answered) => letter(
            "[Koppelwacht] Uw antwoord",
            match answered.trouble {
                None => "Uw antwoord is verwerkt.\n".to_owned(),
                Some(_) => {
                    "Uw antwoord kon niet worden verwerkt. Vraag het uw functioneel beheerder.\n".to_owned()
                }
            },
        ),
        Content::RulesRefused(refused) => letter(
            "[Koppelwacht] De nieuwe regels zijn niet in gebruik genomen",
            format!(
                "De nieuwe regels zijn niet in gebruik genomen.\n\nEr zitten fouten in: {}. De oude regels (versie {}) \
                 blijven gelden.\n\nBekijk de fouten: koppelwacht check --config /etc/koppelwacht/koppelwacht.toml\n",
                refused.mistakes, refused.in_force
            ),
        ),
    }
}

fn task(facts: &Facts) -> Words {
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
    letter(&format!("[Koppelwacht #{task}] {title}"), text)
}

fn letter(subject: &str, text: String) -> Words {
    let paragraphs = html_escape(text.trim_end())
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', "<br>\n"))
        .collect::<Vec<_>>()
        .join("</p>\n<p>");
    Words {
        subject: subject.to_owned(),
        html: format!(
            "<!DOCTYPE html>\n<html lang=\"nl\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n\
             <p>{paragraphs}</p>\n</body>\n</html>\n",
            html_escape(subject)
        ),
        text,
    }
}
