"""The spoken names of product kinds and states."""

from county.errors import N_
from shop.catalogue.types import Category, ProductState

CATEGORY_NAMES = {
    Category.TEA: N_("Tea"),
    Category.RICE: N_("Rice"),
    Category.KONJAC: N_("Konjac"),
    Category.CURED_PORK: N_("Cured pork"),
    Category.MUSHROOM: N_("Mushrooms"),
    Category.HONEY: N_("Honey"),
    Category.FRUIT: N_("Fruit"),
    Category.NUTS: N_("Nuts"),
    Category.HERBS: N_("Herbs"),
    Category.OTHER: N_("Something else"),
}
PRODUCT_STATES = {
    ProductState.LISTED: N_("On sale"),
    ProductState.WITHDRAWN: N_("Withdrawn"),
}
