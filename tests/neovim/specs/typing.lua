-- The user types while the server works: the edit goes to the right place, never over what was
-- typed, and undoing it keeps what was typed.
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
    { [[<\|plan\|>$]], { '\n1. Add the numbers up.<|code|>' }, 5 },
    { [[<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
  },
  run = function(t)
    local client = t.client()
    t.go('def total')
    -- Type a line at the very moment at which the edit arrives, before Neovim has told the server.
    local handle = client.handlers['workspace/applyEdit']
    local arrived = 0
    client.handlers['workspace/applyEdit'] = function(...)
      arrived = arrived + 1
      if arrived == 1 then
        vim.api.nvim_buf_set_lines(t.buffer, 0, 0, false, { '# at once' })
      end
      return handle(...)
    end
    vim.cmd('Codeplan plan')
    t.wait(function()
      return require('codeplan').statusline():find('writing total', 1, true)
    end, 'work')
    t.keys('ggO# before<Esc>')
    local result = t.end_of('planThenCode').result

    t.eq(result.applied, true)
    t.eq(arrived, 2, 'edits that arrived')
    local typed = '# at once\n# before\n' .. TEXT
    t.eq(t.text(), (typed:gsub('    %.%.%.\n', '    return sum(numbers)\n')))
    vim.cmd('undo')
    t.eq(t.text(), typed, 'after one undo')
  end,
}
