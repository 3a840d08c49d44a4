--- `:Codeplan`: subcommands and their completion.
local client_of = require('codeplan.client')

local M = {}

---@class codeplan.Given
---@field fargs string[] The subcommand's name and what follows it.
---@field bang boolean
---@field range integer How many lines the range names: 0, 1 or 2.
---@field line1 integer
---@field line2 integer

---@alias codeplan.Subcommand {[1]: string, [2]: fun(given: codeplan.Given)}

--- In the order in which they are offered. Each gets the arguments of nvim_create_user_command's
--- function, without the subcommand's name in `fargs`.
---@type codeplan.Subcommand[]
local subcommands = {
  {
    'plan',
    function()
      require('codeplan').plan()
    end,
  },
  {
    'plans',
    function()
      require('codeplan').plans()
    end,
  },
  {
    'from-plan',
    function(given)
      local plan = given.range > 0 and M.steps(vim.api.nvim_buf_get_lines(0, given.line1 - 1, given.line2, false))
      require('codeplan').from_plan({ plan = plan or nil })
    end,
  },
  {
    'file',
    function()
      require('codeplan').file()
    end,
  },
  {
    'repair',
    function()
      require('codeplan').repair()
    end,
  },
  {
    'examples',
    function(given)
      if given.bang then
        require('codeplan').file_examples()
      else
        require('codeplan').examples()
      end
    end,
  },
  {
    'next',
    function()
      require('codeplan').next()
    end,
  },
  {
    'cancel',
    function(given)
      local options = {
        on_done = function(result)
          local count = result and result.cancelled or 0
          if count == 0 then
            client_of.tell('codeplan: nothing was running')
          end
        end,
      }
      if given.bang then
        require('codeplan').cancel_all(options)
      else
        require('codeplan').cancel(options)
      end
    end,
  },
  {
    'status',
    function()
      require('codeplan.status').show()
    end,
  },
  {
    'health',
    function()
      vim.cmd('checkhealth codeplan')
    end,
  },
  {
    'log',
    function()
      require('codeplan.status').open_log()
    end,
  },
}

---@param given codeplan.Given
function M.run(given)
  local name = given.fargs[1] or 'plan'
  for _, entry in ipairs(subcommands) do
    if entry[1] == name then
      if #given.fargs > 1 then
        return client_of.tell((':Codeplan %s takes no argument'):format(name), vim.log.levels.ERROR)
      end
      return entry[2](given)
    end
  end
  client_of.tell(
    (':Codeplan %s: there is no such subcommand; there are %s'):format(name, table.concat(M.names(), ', ')),
    vim.log.levels.ERROR
  )
end

---@return string[]
function M.names()
  return vim.tbl_map(function(entry)
    return entry[1]
  end, subcommands)
end

---@param lead string what stands before the cursor of the word to complete
---@param line string the whole command line
---@return string[]
function M.complete(lead, line)
  if line:match('Codeplan!?%s+%S+%s') then
    return {}
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, M.names())
end

--- Selected lines as a plan: without comment signs, numbers and the heading "Plan:".
---@param lines string[]
---@return string[]
function M.steps(lines)
  local steps = {}
  for _, line in ipairs(lines) do
    local step = vim.trim(line):gsub('^#+%s*', ''):gsub('^%d+[.)]%s*', ''):gsub('^[-*]%s+', '')
    if step ~= '' and step:lower() ~= 'plan:' then
      steps[#steps + 1] = step
    end
  end
  return steps
end

return M
