use crate::{Refusal, number::Number, refusal::require};
use rust_decimal::Decimal;

/// A holding after splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitHolding {
    /// How many.
    pub quantity: Decimal,
    /// What one cost.
    pub unit_cost: Decimal,
    /// What all cost: a split does not change it.
    pub cost: Decimal,
}

/// Splits a holding: `2:1` makes two of one, `1:10` one of ten. The ratios are multiplied before the holding is, so a split
/// and its reverse leave exactly what there was.
pub fn split(
    quantity: Decimal,
    unit_cost: Decimal,
    ratios: &[(Decimal, Decimal)],
) -> Result<SplitHolding, Refusal> {
    require(quantity > Decimal::ZERO, "quantity", "must be more than 0")?;
    require(unit_cost >= Decimal::ZERO, "unit_cost", "must not be negative")?;
    let (mut new, mut old) = (Number::ONE, Number::ONE);
    for (index, (for_new, for_old)) in ratios.iter().enumerate() {
        let right = *for_new > Decimal::ZERO && *for_old > Decimal::ZERO;
        require(
            right,
            &format!("ratios[{index}]"),
            "must be two numbers of more than 0",
        )?;
        new = new * (*for_new).into();
        old = old * (*for_old).into();
    }
    Ok(SplitHolding {
        quantity: (Number::from(quantity) * new / old).get()?,
        unit_cost: (Number::from(unit_cost) * old / new).get()?,
        cost: (Number::from(quantity) * unit_cost.into()).get()?,
    })
}

/// The cost of shares and of the rights that were given for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RightsBasis {
    /// What the old shares cost now.
    pub old_basis: Decimal,
    /// What the rights cost.
    pub rights_basis: Decimal,
    /// What a share costs that a right buys.
    pub unit_basis_new: Decimal,
    /// What an old share costs now.
    pub unit_basis_old: Decimal,
}

/// Divides the cost of shares between them and their rights, by market values (US IRS publication 550, "Stock Rights"): the
/// shares keep `cost * S / (S + R)`. A right buys one share: it costs the subscription price and the right.
pub fn rights(
    shares: Decimal,
    unit_cost: Decimal,
    rights: Decimal,
    subscription_price: Decimal,
    fair_value_share: Decimal,
    fair_value_right: Decimal,
) -> Result<RightsBasis, Refusal> {
    require(shares > Decimal::ZERO, "shares", "must be more than 0")?;
    require(rights > Decimal::ZERO, "rights", "must be more than 0")?;
    require(unit_cost >= Decimal::ZERO, "unit_cost", "must not be negative")?;
    require(
        subscription_price >= Decimal::ZERO,
        "subscription_price",
        "must not be negative",
    )?;
    require(
        fair_value_share > Decimal::ZERO,
        "fair_value_share",
        "must be more than 0",
    )?;
    require(
        fair_value_right >= Decimal::ZERO,
        "fair_value_right",
        "must not be negative",
    )?;
    let cost = Number::from(shares) * unit_cost.into();
    let of_shares = Number::from(shares) * fair_value_share.into();
    let of_rights = Number::from(rights) * fair_value_right.into();
    let old = cost * of_shares / (of_shares + of_rights);
    let basis = cost - old;
    Ok(RightsBasis {
        old_basis: old.get()?,
        rights_basis: basis.get()?,
        unit_basis_new: (Number::from(subscription_price) + basis / rights.into()).get()?,
        unit_basis_old: (old / shares.into()).get()?,
    })
}
