-- Code that fails an example is asked about, and inserted only when the user says so.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...
]]

return {
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Give zero.<|code|>' } },
    { [[<\|code\|>$]], { '\n    return 0<|end|>' } },
  },
  run = function(t)
    t.client()
    t.go('def total')
    local function titled(title)
      return function(labels)
        for number, label in ipairs(labels) do
          if label == title then
            return number
          end
        end
        error('no answer ' .. title)
      end
    end
    t.choose(titled('Discard'))
    local result = t.command('Codeplan plan', 'planThenCode')

    t.has(t.asked[1].prompt, '1 of 2 of your examples')
    t.eq(t.asked[1].labels, { 'Insert anyway', 'Show plans', 'Discard' })
    t.eq(result.outcome, 'failed')
    t.eq(result.applied, false)
    t.eq(t.text(), TEXT)

    t.choose(titled('Insert anyway'))
    result = t.command('Codeplan plan', 'planThenCode')
    t.eq(result.applied, true)
    t.eq(t.text(), (TEXT:gsub('    %.%.%.\n', '    return 0\n')))
  end,
}
