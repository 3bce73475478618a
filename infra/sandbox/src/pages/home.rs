//! `/`: who one is, and one's projects.

use axum::extract::State;
use maud::{Markup, html};

use super::layout;
use super::project::TOOLS;
use super::session::Visitor;
use crate::app::App;
use crate::world::{Person, World};

pub(super) async fn show(State(app): State<App>, Visitor(person): Visitor) -> Markup {
    let world = app.world();
    match person {
        Some(person) => layout("Projects", Some(&person), &projects(&world, &person)),
        None => layout("Who are you?", None, &people(&world)),
    }
}

fn people(world: &World) -> Markup {
    html! {
        h1 { "Who are you?" }
        p.soft { "This stands in for Procore. Choose a person to work as; there are no passwords." }
        form method="post" action="/sign-in" {
            ul.people {
                @for person in world.people.values().filter(|person| person.serves.is_none()) {
                    li { button name="login" value=(person.login) {
                        (person.name())
                        small { (person.login) }
                        @if let Some(title) = &person.job_title { small { (title) } }
                    } }
                }
            }
        }
    }
}

fn projects(world: &World, person: &Person) -> Markup {
    html! {
        h1 { "Projects" }
        @for company in world.companies.values().filter(|company| world.sees_company(person.id, company.id)) {
            h2 { (company.name) }
            ul.plain {
                @for project in world.projects_of(company.id).filter(|project| world.sees_project(person.id, project.id)) {
                    li.card {
                        strong { (project.name) }
                        " " small { "project " (project.id) }
                        @if !project.active { " " span.tag { "inactive" } }
                        div.actions {
                            @for (path, name) in TOOLS {
                                a href={ "/projects/" (project.id) "/" (path) } { (name) }
                            }
                        }
                    }
                }
            }
        }
    }
}
