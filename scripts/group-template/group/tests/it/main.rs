//! The thegroup group from outside: its routes over the real shell.

#![cfg(test)]

mod openapi;
mod ping;
