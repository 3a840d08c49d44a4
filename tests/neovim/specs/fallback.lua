-- The way of Neovim 0.8 to 0.10 (vim.lsp.start, client.request with a dot), walked in this Neovim.
-- Needs Neovim 0.11 or newer; older ones walk it in every spec.
local has = vim.fn.has
vim.fn.has = function(feature)
  return feature:match('^nvim%-0%.1[12]') and 0 or has(feature)
end
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
]]

return {
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Add the numbers up.<|code|>' } },
    { [[<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
  },
  run = function(t)
    local client = t.client()
    t.ok(not vim.lsp.is_enabled('codeplan'), 'vim.lsp.enable was not used')
    t.ok(client.config.capabilities.textDocument.codeLens, "Neovim's own capabilities are kept")
    t.go('def total')
    local result = t.command('Codeplan plan', 'planThenCode')

    t.eq(result.applied, true)
    t.eq(t.text(), (TEXT:gsub('    %.%.%.\n', '    return sum(numbers)\n')))
    t.eq(t.progress[1].kind, 'begin')
    vim.cmd('undo')
    t.eq(t.text(), TEXT)
    t.eq(t.command('Codeplan examples', 'runExamples').outcome, 'failed')
    t.wait(function()
      return vim.diagnostic.get(t.buffer)[1]
    end, 'diagnostic')
  end,
}
