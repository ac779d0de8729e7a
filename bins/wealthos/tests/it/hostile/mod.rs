//! Clients that mean no good, or are very slow, against the real process: they get a clear refusal or a closed connection
//! in bounded time, memory stays bounded, and honest users are answered all the while.

mod crowd;
mod heads;
mod idle;
mod large;
mod prey;
mod slow;
