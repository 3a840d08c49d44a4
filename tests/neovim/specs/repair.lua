-- :Codeplan repair: a function whose examples fail becomes one that passes, as one undo step.
local TEXT = [[
def span(low, high):
    """How far apart.

    >>> span(2, 5)
    3
    >>> span(5, 2)
    3
    """
    return high - low


def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    return sum(numbers)
]]

return {
  text = TEXT,
  rules = {
    { [[<\|code\|>$]], { '\n    return abs(high - low)<|end|>' } },
    { [[<\|plan\|>$]], { '\n1. Take the distance.<|code|>' } },
  },
  run = function(t)
    t.client()
    t.go('def span')
    local result = t.command('Codeplan repair', 'repair')

    t.eq(result.outcome, 'passed')
    t.eq({ result.before.passed, result.before.total }, { 1, 2 })
    t.eq({ result.passed, result.total }, { 2, 2 })
    t.eq(result.applied, true)
    t.ok(not t.text():find('return high - low\n', 1, true), 'the failing code is gone')
    t.has(t.text(), result.code .. '\n')
    t.has(t.text(), '    return sum(numbers)\n')
    t.wait(function()
      return #vim.diagnostic.get(t.buffer) == 0
    end, 'diagnostics that are gone')
    vim.cmd('undo')
    t.eq(t.text(), TEXT, 'after one undo')

    -- What passes already is left alone.
    t.go('def total')
    result = t.command('Codeplan repair', 'repair')
    t.eq(result.applied, false)
    t.told('nothing to repair')
    t.eq(t.text(), TEXT)

    -- The code action of a failing example leads there too.
    t.go('def span')
    t.command('Codeplan examples', 'runExamples')
    t.wait(function()
      return vim.diagnostic.get(t.buffer)[1]
    end, 'diagnostic')
    t.choose(function(labels)
      for number, label in ipairs(labels) do
        if label:find('Repair span', 1, true) then
          return number
        end
      end
      error('no code action repairs: ' .. vim.inspect(labels))
    end)
    vim.lsp.buf.code_action()
    t.wait(function()
      return t.text() ~= TEXT
    end, 'edit through the code action')
    t.ok(not t.text():find('return high - low\n', 1, true))
  end,
}
