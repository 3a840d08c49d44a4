-- Code lenses are run as Neovim runs them: "Plan then code" writes, "Repair" mends.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...


def span(low, high):
    """How far apart.

    >>> span(5, 2)
    3
    """
    return high - low
]]

return {
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Add the numbers up.<|code|>' } },
    { [[Add the numbers up\.<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
    { [[<\|code\|>$]], { '\n    return abs(high - low)<|end|>' } },
  },
  run = function(t)
    local function lens(title)
      t.wait(function()
        return vim.tbl_contains(t.lenses(), title)
      end, 'code lens ' .. title)
    end
    t.client()
    lens('Plan then code')
    t.go('def total')
    vim.lsp.codelens.run()
    t.told('total: passed')
    t.has(t.text(), '    return sum(numbers)\n')

    t.go('def span')
    t.command('Codeplan examples', 'runExamples')
    lens('Repair')
    t.go('def span')
    vim.lsp.codelens.run()
    t.wait(function()
      return not t.text():find('return high - low\n', 1, true)
    end, 'repair')
  end,
}
