use super::Projection;
use kernel::EventEnvelope;
use std::sync::Arc;

/// Wanted events of one firm that follow each other, with nothing but unwanted ones in between.
pub(super) struct Run<'a> {
    events: Vec<&'a EventEnvelope>,
    stretch: usize,
}

impl<'a> Run<'a> {
    /// The longest run that the projection takes at once. The first event is a wanted one; the rest of them stand in
    /// the feed's order without a gap, or else the run ends at the gap.
    pub(super) fn at_the_head_of(events: &'a [Arc<EventEnvelope>], projection: &dyn Projection) -> Self {
        let mut run = Self {
            events: Vec::new(),
            stretch: 0,
        };
        let longest = projection.longest_run().max(1);
        for (index, event) in events.iter().enumerate() {
            let follows = index == 0 || event.seq == events[index - 1].seq + 1;
            if !follows || run.events.len() == longest {
                break;
            }
            if !projection.wants(&event.event_type) {
                continue;
            }
            if run
                .events
                .first()
                .is_some_and(|first| first.tenant != event.tenant)
            {
                break;
            }
            run.events.push(event);
            run.stretch = index + 1;
        }
        run
    }

    /// The wanted events, in order.
    pub(super) fn events(&self) -> &[&'a EventEnvelope] {
        &self.events
    }

    /// How many events it covers, the unwanted ones in between included.
    pub(super) fn stretch(&self) -> usize {
        self.stretch
    }
}
