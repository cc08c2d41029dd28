"""Orders: one per seller of record, from awaiting payment to completed, with their fixed split plan."""
