def cook_for(recipe, people):
    return {ingredient: grams * people for ingredient, grams in recipe.items()}


def still_to_buy(recipe, pantry):
    missing = {name: grams - pantry.get(name, 0) for name, grams in recipe.items()}
    return {name: grams for name, grams in missing.items() if grams > 0}
