//! (skeleton)
mod classify;
mod route;
pub use classify::classify;
pub use route::route;
