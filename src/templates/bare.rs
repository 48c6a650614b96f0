//! Words for when a template fails although it passed its check. They are no template, so they cannot fail.

use handlebars::html_escape;

use super::{ReplyTo, dutch, one_line, view};
use crate::domain::{
    Answered, Back, Caution, Content, Drift, Drill, DrillFailed, Facts, LostMail, Overview, RulesRefused,
    Thin, Words,
};

/// A letter in the fewest words that let somebody act on it.
#[must_use]
pub fn section(content: &Content, reply_to: &ReplyTo<'_>) -> Words {
    let (subject, text) = match content {
        Content::Task { facts, .. } => task(facts, reply_to),
        Content::Overview(overview) => open(overview),
        Content::Thin(thin) => too_few(thin),
        Content::Back(back) => handed_on(back),
        Content::Answered(answer) => answered(answer),
        Content::RulesRefused(refused) => rules_refused(refused),
        Content::Drift(drift) => not_recognised(drift),
        Content::Drill(_) => drill(),
        Content::DrillFailed(failed) => drill_failed(failed),
    };
    let paragraphs = html_escape(text.trim_end())
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', "<br>\n"))
        .collect::<Vec<_>>()
        .join("</p>\n<p>");
    Words {
        subject,
        html: format!("<p>{paragraphs}</p>\n"),
        text,
    }
}

/// Sections as one message.
#[must_use]
pub fn envelope(name: Option<&str>, sections: &[&Words]) -> Words {
    let greeting = format!("Beste {},", name.unwrap_or("collega"));
    let subject = match sections {
        [alone] => alone.subject.clone(),
        [first, ..] => format!(
            "[Koppelwacht] {} onderwerpen: {}",
            sections.len(),
            view::without_mark(&first.subject)
        ),
        [] => "[Koppelwacht]".to_owned(),
    };
    let texts: Vec<&str> = sections.iter().map(|words| words.text.trim_end()).collect();
    let html: Vec<&str> = sections.iter().map(|words| words.html.trim_end()).collect();
    Words {
        text: format!("{greeting}\n\n{}\n", texts.join("\n\n---\n\n")),
        html: format!(
            "<!DOCTYPE html>\n<html lang=\"nl\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\"><title>{}</title></head>\n<body>\n\
             <p>{}</p>\n{}\n</body>\n</html>\n",
            html_escape(&subject),
            html_escape(&greeting),
            html.join("\n<hr>\n")
        ),
        subject,
    }
}

fn task(facts: &Facts, reply_to: &ReplyTo<'_>) -> (String, String) {
    let (task, title, due) = (facts.task, one_line(&facts.title), dutch::long_date(facts.due));
    let caution = match facts.caution {
        Some(Caution::Forged) => "PAS OP: dit bericht lijkt nep.\n\n",
        Some(Caution::Unchecked) => "LET OP: wij weten niet zeker wie dit bericht heeft gestuurd.\n\n",
        None => "",
    };
    let origin = facts.origin.as_ref().map_or_else(String::new, |notice| {
        format!(
            "\n\nDit hoort bij taak {}: {}.",
            notice.task,
            one_line(&notice.title)
        )
    });
    let text = format!(
        "Taak {task} van Koppelwacht wacht op u.\n\n{caution}{title}\n{}{origin}\n\nVóór {due}.\n\nDoet u dit? Antwoord \
         dan: opgepakt. Zet dit kenmerk in het onderwerp: {}\n",
        facts.instruction,
        view::mark(task, reply_to.token)
    );
    (format!("[Koppelwacht #{task}] {title}"), text)
}

fn open(overview: &Overview) -> (String, String) {
    let behind = if overview.is_behind() {
        "\n\nLET OP: misschien zijn nog niet alle berichten gelezen. Vraag uw systeembeheerder om te kijken."
    } else {
        ""
    };
    let text = format!(
        "Taken met spoed: {} open, waarvan {} te laat.{behind}\n\nBekijk ze: koppelwacht task \
         list\n",
        overview.open, overview.overdue
    );
    ("[Koppelwacht] Overzicht".to_owned(), text)
}

fn too_few(thin: &Thin) -> (String, String) {
    let weeks = thin.weeks.iter().map(|week| {
        let caseload = one_line(&week.caseload);
        format!(
            "\nWeek {} (vanaf {}): {caseload}",
            week.number,
            dutch::long_day(week.first)
        )
    });
    let text = format!(
        "In deze weken is er te weinig vervanging:{}\n\nWijs een extra vervanger aan, of overleg wie verlof kan \
         verschuiven.\n",
        weeks.collect::<String>()
    );
    ("[Koppelwacht] Te weinig vervanging".to_owned(), text)
}

fn handed_on(back: &Back) -> (String, String) {
    let tasks = back
        .tasks
        .iter()
        .map(|task| format!("\nTaak {}: {}", task.task, one_line(&task.title)));
    let text = format!(
        "Dit is doorgegeven toen u er niet was:{}\n\nBekijk de taken: koppelwacht task list\n",
        tasks.collect::<String>()
    );
    ("[Koppelwacht] Doorgegeven toen u er niet was".to_owned(), text)
}

fn answered(answered: &Answered) -> (String, String) {
    let mark = view::mark_of(answered).unwrap_or_else(|| {
        let task = answered.task.map(|task| format!(" #{task}"));
        format!("[Koppelwacht{}]", task.unwrap_or_default())
    });
    let text = match answered.trouble {
        None if answered.drill => "De oefening is klaar. U hoeft niets meer te doen. Bedankt.\n",
        None => "Uw antwoord is verwerkt.\n",
        Some(_) => {
            "Uw antwoord kon niet worden verwerkt. De taak is niet veranderd. Vraag het uw functioneel \
             beheerder.\n"
        }
    };
    (format!("{mark} Uw antwoord"), text.to_owned())
}

fn rules_refused(refused: &RulesRefused) -> (String, String) {
    let text = format!(
        "De nieuwe regels zijn niet in gebruik genomen.\n\nFouten: {}. De oude regels (versie {}) blijven \
         gelden.\n\nBekijk de fouten: koppelwacht check --config /etc/koppelwacht/koppelwacht.toml\n",
        refused.mistakes, refused.in_force
    );
    (
        "[Koppelwacht] De nieuwe regels zijn niet in gebruik genomen".to_owned(),
        text,
    )
}

fn not_recognised(drift: &Drift) -> (String, String) {
    let partner = one_line(&drift.partner);
    let text = format!(
        "Koppelwacht herkent {} van de {} berichten van {partner} niet (laatste {} werkdagen).\n\nEr gaat niets verloren: \
         elk bericht is een taak. Bekijk ze: koppelwacht task list\n\nPas daarna de regels aan.\n",
        drift.unrecognised, drift.mails, drift.days
    );
    (
        format!("[Koppelwacht] Berichten van {partner} worden vaak niet herkend"),
        text,
    )
}

fn drill() -> (String, String) {
    let mark = Drill::MARK;
    (
        format!("[Koppelwacht] {mark}: nieuwe koppeling"),
        format!("{mark}. Er is niemand gekoppeld. Met deze mail hoeft u niets te doen. Laat hem staan.\n"),
    )
}

fn drill_failed(failed: &DrillFailed) -> (String, String) {
    let (mark, at) = (Drill::MARK, dutch::long_date(failed.at));
    let admin = "Vraag uw systeembeheerder om te kijken.";
    let what = match (failed.task, failed.lost) {
        (Some(task), _) => format!("Niemand heeft taak {task} opgepakt. Die was van {at}."),
        (None, Some(LostMail::Unsent)) => format!("De mail van {at} ging nog niet weg. {admin}"),
        (None, Some(LostMail::Returned)) => format!("De mail van {at} is geweigerd of kwam terug. {admin}"),
        (None, Some(LostMail::Missing) | None) => {
            let to = failed.to.as_deref().unwrap_or("het gedeelde postvak");
            format!("De mail van {at} kwam niet aan op {to}. {admin}")
        }
    };
    (
        format!("[Koppelwacht] {mark} mislukt"),
        format!("{mark} mislukt.\n\n{what}\n"),
    )
}
