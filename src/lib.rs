//! Koppelwacht: the house (to be written).
pub mod app;
pub mod cli;
pub mod clock;
pub mod decide;
pub mod desk;
pub mod domain;
pub mod findings;
pub mod intake;
pub mod mail;
pub mod outbox;
pub mod rules;
pub mod settings;
pub mod store;
pub mod templates;
pub mod ticker;
pub mod wire;
