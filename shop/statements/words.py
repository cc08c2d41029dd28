"""The spoken names of lines, accounts and rows of statements."""

from county.errors import N_
from shop.statements.types import AccountName, DetailKind, IncomeKind, LineKind

LINES = {
    LineKind.SALE: N_("Sale"),
    LineKind.COMMISSION: N_("Commission"),
    LineKind.REFUND: N_("Refund to the buyer"),
    LineKind.COMPENSATION: N_("Compensation"),
    LineKind.PAYOUT: N_("Paid to the bank account"),
    LineKind.PAYOUT_RETURNED: N_("Came back from the bank"),
    LineKind.SETTLED: N_("Paid out by Alipay"),
    LineKind.SETTLED_BACK: N_("Taken back by Alipay"),
    LineKind.FEE: N_("Alipay's fee"),
    LineKind.FEE_BORNE: N_("Alipay's fee, borne by the association"),
    LineKind.OTHER: N_("Other"),
}
DETAILS = {
    DetailKind.GOODS: N_("Goods sold"),
    DetailKind.RETURNED: N_("Returned to the buyer"),
    DetailKind.FREIGHT: N_("Freight, included in the price"),
    DetailKind.STREAMER: N_("Streamer"),
    DetailKind.ASSOCIATION: N_("Association"),
}
ACCOUNTS = {
    AccountName.SALES: N_("Sales, owed by the cooperative"),
    AccountName.HELD_SALES: N_("Sales, held by Alipay"),
    AccountName.COMMISSION: N_("Commission, owed by the cooperative"),
    AccountName.HELD_COMMISSION: N_("Commission, held by Alipay"),
    AccountName.COMPENSATION: N_("Compensation, owed by the association"),
    AccountName.FEES: N_("Alipay's fees, owed by the association"),
}
INCOME_KINDS = {
    IncomeKind.SELLER: N_("Seller of record"),
    IncomeKind.GROWER: N_("Grower"),
    IncomeKind.STREAMER: N_("Streamer"),
}
# The cooperative's accounts by the first two words of their codes, see docs/money.md.
GROUPS = {
    "cash:alipay": N_("Money at Alipay"),
    "cash:bank": N_("Bank account"),
    "liability:order": N_("Paid by buyers, not earned yet"),
    "liability:tax-withheld": N_("Tax withheld, due to the tax office"),
    "payable:grower": N_("Owed to growers"),
    "payable:streamer": N_("Owed to streamers"),
    "payable:compensation": N_("Owed as compensation"),
    "payable:fee": N_("Alipay's fees, owed to farms"),
    "payable:association": N_("The association's part and freight"),
    "payable:courier": N_("Owed to couriers"),
    "receivable:courier": N_("Owed by couriers"),
    "expense:alipay-fee": N_("Alipay's fees"),
    "expense:claims": N_("Claims the association bears"),
    "expense:own-costs": N_("Own spending"),
    "expense:linehaul": N_("Linehaul"),
    "income:joint-tours": N_("Couriers' shares of the joint tours"),
    "equity:paid-in": N_("Own money paid into the bank account"),
    "suspense:trade": N_("Payments that belong to no order"),
}
STATEMENT_HEAD = (N_("Day"), N_("What"), N_("For"), N_("Amount (yuan)"))
BOOKS_HEAD = (N_("Account"), N_("Opening (yuan)"), N_("Change (yuan)"), N_("Closing (yuan)"))
INCOME_HEAD = (
    N_("Kind"),
    N_("Name"),
    N_("Income (yuan)"),
    N_("Refunds (yuan)"),
    N_("Net (yuan)"),
    N_("Number of orders"),
    N_("Commissions and service fees (yuan)"),
    N_("Returned of them (yuan)"),
    N_("Net commissions and service fees (yuan)"),
    N_("Tax withheld (yuan)"),
)
OPENING, CLOSING = N_("Owed at the beginning"), N_("Owed at the end")
