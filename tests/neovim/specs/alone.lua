-- lsp/codeplan.lua without the rest of the plugin: code through a code action.
-- Needs Neovim 0.11 or newer.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
]]

return {
  alone = true,
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Add the numbers up.<|code|>' } },
    { [[<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
  },
  run = function(t)
    t.eq(vim.fn.exists(':Codeplan'), 0)
    local client = t.wait(function()
      return vim.lsp.get_clients({ name = 'codeplan', bufnr = t.buffer })[1]
    end, 'server')
    t.ok(client.initialized)
    t.go('def total')
    t.choose(function(labels)
      t.has(labels[1], 'Plan then code (codeplan)')
      return 1
    end)
    vim.lsp.buf.code_action()
    t.told('total: passed')
    t.eq(t.text(), (TEXT:gsub('    %.%.%.\n', '    return sum(numbers)\n')))
  end,
}
