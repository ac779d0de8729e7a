use crate::dice::Dice;

/// The named points at which a process can die.
pub(crate) const DEATHS: [&str; 17] = [
    "store.after_outbox",
    "store.before_commit",
    "store.after_commit",
    "store.after_answer",
    "sequencer.before_numbering",
    "sequencer.after_numbering",
    "consumer.before_apply",
    "consumer.before_cursor",
    "consumer.after_cursor",
    "jobs.after_claim",
    "jobs.before_done",
    "jobs.after_done",
    "rpc.before_send",
    "rpc.after_send",
    "rpc.before_answer",
    "forward.before_send",
    "forward.after_send",
];

/// What is armed in one life of a process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Armed {
    death: Option<&'static str>,
    actions: Vec<String>,
}

impl Armed {
    /// As chance has it: a point to die at, small delays, an untidy feed, a lost answer, a clock that jumps; and the
    /// planted mistake.
    pub(crate) fn by(dice: &Dice, planted: Option<&'static str>) -> Self {
        let mut armed = Self::default();
        armed.actions.extend(planted.map(str::to_owned));
        if dice.chance(60) {
            armed.death = dice.pick(&DEATHS).copied();
            if let Some(point) = armed.death {
                // It passes so many times before.
                let passes = dice.within(0..60);
                armed.actions.push(format!("{point}={passes}*off->1*return"));
            }
        }
        let delayed = "store.before_commit";
        if dice.chance(30) && armed.death != Some(delayed) {
            armed
                .actions
                .push(format!("{delayed}=5%sleep({})", dice.within(1..40)));
        }
        if dice.chance(30) {
            armed.actions.push("feed.duplicate=20%return".to_owned());
            armed.actions.push("feed.reorder=20%return".to_owned());
        }
        if dice.chance(30) && planted.is_none() {
            armed.actions.push("consumer.fail=20%return".to_owned());
        }
        if dice.chance(20) {
            armed.actions.push("rpc.lose_answer=5%return".to_owned());
        }
        if dice.chance(20) {
            armed.actions.push(clock(dice));
        }
        armed
    }

    /// For `FAILPOINTS`.
    pub(crate) fn text(&self) -> String {
        self.actions.join(";")
    }

    /// The point at which the process is to die.
    pub(crate) fn death(&self) -> Option<&'static str> {
        self.death
    }

    /// Whether its clock jumps.
    pub(crate) fn jumps(&self) -> bool {
        self.actions.iter().any(|action| action.starts_with("clock.skew"))
    }

    /// Whether its feeds are handed out untidily.
    pub(crate) fn is_untidy(&self) -> bool {
        self.actions.iter().any(|action| action.starts_with("feed."))
    }
}

/// A clock that is right for a while, then wrong by up to two hours either way, then right again.
fn clock(dice: &Dice) -> String {
    let (right, wrong) = (dice.within(50..2_000), dice.within(200..5_000));
    let millis = dice.within(1_000..7_200_000);
    let sign = if dice.chance(50) { "-" } else { "" };
    format!("clock.skew={right}*off->{wrong}*return({sign}{millis})")
}
